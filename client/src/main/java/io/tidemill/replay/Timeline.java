package io.tidemill.replay;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;

/**
 * What became of each job, in microseconds since the replay began. Safe for use by many threads.
 */
public final class Timeline {
  /** What is known of a job. */
  public enum State {
    /** Not submitted: the replay ended first. */
    UNSENT,
    SENT,
    SUCCEEDED,
    /** It ended, and not well. */
    FAILED,
    REFUSED,
    /** Accepted perhaps, and its end is not known. */
    LOST,
    /** It never ran, since a job that it waits for did not succeed. */
    DROPPED
  }

  private final long[] intended;
  private final long[] sent;
  private final long[] ended;
  private final State[] states;
  private final String[] workers;

  public Timeline(int jobs) {
    intended = new long[jobs];
    sent = new long[jobs];
    ended = new long[jobs];
    states = new State[jobs];
    workers = new String[jobs];
    Arrays.fill(states, State.UNSENT);
    Arrays.fill(workers, "");
  }

  public int jobs() {
    return states.length;
  }

  /** A job that was to be submitted at one time is submitted at another. */
  public synchronized void sent(int job, long intendedMicros, long nowMicros) {
    intended[job] = intendedMicros;
    sent[job] = nowMicros;
    states[job] = State.SENT;
  }

  public synchronized void ended(int job, boolean succeeded, long nowMicros, String worker) {
    ended[job] = nowMicros;
    states[job] = succeeded ? State.SUCCEEDED : State.FAILED;
    workers[job] = worker;
  }

  /** A job will have no end that is known here. */
  public synchronized void gaveUp(int job, State why) {
    states[job] = why;
  }

  public synchronized State state(int job) {
    return states[job];
  }

  synchronized long intendedMicros(int job) {
    return intended[job];
  }

  synchronized long sentMicros(int job) {
    return sent[job];
  }

  public synchronized long endedMicros(int job) {
    return ended[job];
  }

  public synchronized int count(State state) {
    return (int) Arrays.stream(states).filter(s -> s == state).count();
  }

  /** A line for each job; what is not known is empty. */
  public synchronized void writeCsv(Workload workload, Measures measures, PrintWriter out) {
    out.println(
        "job,trace_submit_us,trace_run_us,intended_us,submitted_us,ended_us,wait_us,response_us,"
            + "bounded_slowdown,state,worker");
    for (int i = 0; i < states.length; i++) {
      Job job = workload.jobs().get(i);
      boolean known = states[i] == State.SUCCEEDED;
      boolean over = known || states[i] == State.FAILED;
      boolean went = states[i] != State.UNSENT && states[i] != State.DROPPED;
      out.println(
          String.join(
              ",",
              quoted(job.name()),
              String.valueOf(job.submitMicros()),
              String.valueOf(job.runMicros()),
              went ? String.valueOf(intended[i]) : "",
              went ? String.valueOf(sent[i]) : "",
              over ? String.valueOf(ended[i]) : "",
              known ? String.valueOf(measures.waitMicros(i)) : "",
              known ? String.valueOf(measures.responseMicros(i)) : "",
              known ? String.format(Locale.ROOT, "%.4f", measures.slowdown(i)) : "",
              states[i].name(),
              quoted(workers[i])));
    }
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9_.:/-]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
