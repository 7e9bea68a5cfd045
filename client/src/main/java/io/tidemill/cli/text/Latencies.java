package io.tidemill.cli.text;

import com.google.gson.JsonObject;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies as they come, from any thread, and their percentiles in microseconds. */
public final class Latencies {
  private static final long MAX_MICROS = TimeUnit.HOURS.toMicros(24);
  private static final int DIGITS = 3;

  private final Histogram histogram = new ConcurrentHistogram(MAX_MICROS, DIGITS);

  public void recordNanos(long nanos) {
    long micros = Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
    histogram.recordValue(Math.min(MAX_MICROS, micros));
  }

  public long count() {
    return histogram.getTotalCount();
  }

  /** At most this in so many percent of the cases; 0 without any. */
  public long micros(double percentile) {
    return count() == 0 ? 0 : histogram.getValueAtPercentile(percentile);
  }

  public long maxMicros() {
    return count() == 0 ? 0 : histogram.getMaxValue();
  }

  public long meanMicros() {
    return count() == 0 ? 0 : Math.round(histogram.getMean());
  }

  public void addTo(JsonObject json) {
    json.addProperty("p50_us", micros(50));
    json.addProperty("p95_us", micros(95));
    json.addProperty("p99_us", micros(99));
    json.addProperty("max_us", maxMicros());
  }

  @Override
  public String toString() {
    return "p50 "
        + Units.micros(micros(50))
        + "  p95 "
        + Units.micros(micros(95))
        + "  p99 "
        + Units.micros(micros(99))
        + "  max "
        + Units.micros(maxMicros());
  }
}
