package io.tidemill.replay;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How values are spread. A percentile is the smallest value that at least so many percent of them
 * do not exceed (nearest rank); without values all are 0.
 */
public record Spread(double mean, double p50, double p95, double p99, double max) {
  /** Of some values, in any order. */
  public static Spread of(DoubleStream values) {
    double[] sorted = values.toArray();
    Arrays.sort(sorted);
    if (sorted.length == 0) {
      return new Spread(0, 0, 0, 0, 0);
    }
    return new Spread(
        Arrays.stream(sorted).sum() / sorted.length,
        percentile(sorted, 50),
        percentile(sorted, 95),
        percentile(sorted, 99),
        sorted[sorted.length - 1]);
  }

  /** Of values that are in order, at least one. */
  static double percentile(double[] sorted, double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(1, rank) - 1];
  }

  JsonObject json(String unit) {
    JsonObject json = new JsonObject();
    json.addProperty("mean" + unit, rounded(mean));
    json.addProperty("p50" + unit, rounded(p50));
    json.addProperty("p95" + unit, rounded(p95));
    json.addProperty("p99" + unit, rounded(p99));
    json.addProperty("max" + unit, rounded(max));
    return json;
  }

  static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }
}
