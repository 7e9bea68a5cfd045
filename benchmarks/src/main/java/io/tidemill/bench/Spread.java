package io.tidemill.bench;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;

/** Median, lowest and highest of some rounds. */
public record Spread(double median, double min, double max) {
  public static Spread of(List<Double> rounds) {
    List<Double> sorted = rounds.stream().sorted().toList();
    return new Spread(
        sorted.get((sorted.size() - 1) / 2), sorted.get(0), sorted.get(sorted.size() - 1));
  }

  public JsonObject json() {
    JsonObject object = new JsonObject();
    object.addProperty("median", rounded(median));
    object.addProperty("min", rounded(min));
    object.addProperty("max", rounded(max));
    return object;
  }

  private static double rounded(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }

  @Override
  public String toString() {
    String format = median < 100 ? "%,.2f [%,.2f-%,.2f]" : "%,.0f [%,.0f-%,.0f]";
    return String.format(Locale.ROOT, format, median, min, max);
  }
}
