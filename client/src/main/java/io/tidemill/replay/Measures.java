package io.tidemill.replay;

import java.util.stream.IntStream;

/**
 * How each job that succeeded fared, by the measures of scheduling research (Feitelson, "Metrics
 * for Parallel Job Scheduling and Their Convergence"). Times are of the replay, not of the trace.
 *
 * @param runSpeed how much shorter jobs run than in the trace
 * @param boundMicros runs shorter than this count as if they were as long, in the trace's time: a
 *     job of no length would have been slowed down without end
 */
public record Measures(Workload workload, Timeline timeline, double runSpeed, long boundMicros) {
  /** How long it was to run. */
  public long runMicros(int job) {
    return scaled(workload.jobs().get(job).runMicros());
  }

  private long scaled(long traceMicros) {
    return Math.round(traceMicros / runSpeed);
  }

  /** From when it was to be submitted to when its end was known. */
  public long responseMicros(int job) {
    return Math.max(0, timeline.endedMicros(job) - timeline.intendedMicros(job));
  }

  /** The response time less the time that it ran: all that is not work is waiting. */
  public long waitMicros(int job) {
    return Math.max(0, responseMicros(job) - runMicros(job));
  }

  /** The response time over the run time, not below 1. */
  public double slowdown(int job) {
    double run = Math.max(Math.max(runMicros(job), scaled(boundMicros)), 1);
    return Math.max(1, responseMicros(job) / run);
  }

  /** The jobs that these are known of. */
  public int[] succeeded() {
    return IntStream.range(0, timeline.jobs())
        .filter(job -> timeline.state(job) == Timeline.State.SUCCEEDED)
        .toArray();
  }
}
