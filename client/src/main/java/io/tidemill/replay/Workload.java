package io.tidemill.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a trace is run: in the order of arrival, with times from the first arrival of the trace.
 *
 * @param leftOut jobs of the trace that the limits left out
 * @param shortened jobs that run for less than they did
 */
public record Workload(TraceFormat format, List<Job> jobs, int leftOut, int shortened) {
  /**
   * How much of a trace to run.
   *
   * @param jobsMax the first so many of what the times leave
   * @param fromMicros jobs that came before, in the trace's time from its first arrival, are left
   *     out
   * @param untilMicros and those that came at this time or later
   * @param runMicrosMax no job runs for longer
   * @param eachProcessor a job becomes as many tasks as it had processors
   */
  public record Limits(
      int jobsMax, long fromMicros, long untilMicros, long runMicrosMax, boolean eachProcessor) {
    public static Limits none() {
      return new Limits(Trace.JOBS_MAX, 0, Long.MAX_VALUE, Long.MAX_VALUE, false);
    }
  }

  /**
   * Cuts a trace to its limits.
   *
   * @throws TraceException if too much is left
   */
  public static Workload of(Trace trace, Limits limits) {
    List<Job> all = trace.jobs();
    long first = all.stream().mapToLong(Job::submitMicros).min().orElse(0);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      long at = all.get(i).submitMicros() - first;
      if (at >= limits.fromMicros && at < limits.untilMicros) {
        order.add(i);
      }
    }
    order.sort(Comparator.comparingLong(i -> all.get(i).submitMicros()));
    int count = Math.min(order.size(), limits.jobsMax);
    List<Job> jobs = new ArrayList<>();
    Map<Integer, Integer> places = new HashMap<>();
    int shortened = 0;
    for (int old : order.subList(0, count)) {
      Job job = all.get(old);
      places.put(old, jobs.size());
      // Parents stand before their children: whoever is not there by now is left out.
      List<Integer> parents =
          job.parents().stream().filter(places::containsKey).map(places::get).toList();
      shortened += job.runMicros() > limits.runMicrosMax ? 1 : 0;
      add(
          jobs,
          job.at(job.submitMicros() - first)
              .running(Math.min(job.runMicros(), limits.runMicrosMax))
              .after(parents),
          limits.eachProcessor ? job.processors() : 1);
    }
    return new Workload(trace.format(), List.copyOf(jobs), all.size() - count, shortened);
  }

  private static void add(List<Job> jobs, Job job, int times) {
    if (jobs.size() + (long) times > Trace.JOBS_MAX) {
      throw new TraceException(
          "more than " + Trace.JOBS_MAX + " tasks; take fewer jobs: --jobs, --until");
    }
    for (int i = 0; i < times; i++) {
      jobs.add(job);
    }
  }

  /** The arrival of the last job after the first one. */
  public long spanMicros() {
    return jobs.isEmpty()
        ? 0
        : jobs.get(jobs.size() - 1).submitMicros() - jobs.get(0).submitMicros();
  }

  /** What all of them run together, in seconds of the trace. */
  public double runSeconds() {
    return jobs.stream().mapToDouble(job -> job.runMicros() / 1e6).sum();
  }
}
