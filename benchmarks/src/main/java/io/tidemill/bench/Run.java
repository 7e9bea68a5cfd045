package io.tidemill.bench;

import org.HdrHistogram.Histogram;

/**
 * What one run measured.
 *
 * @param nanos from the first submission to the last result
 * @param latency in nanoseconds, from a task's submission to its result at the client
 */
public record Run(int count, long nanos, Histogram latency) {
  public double tasksPerSecond() {
    return count * 1e9 / nanos;
  }

  public double micros(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }

  /** A histogram that has room for a minute, to three digits. */
  public static Histogram histogram() {
    return new Histogram(60_000_000_000L, 3);
  }
}
