package io.tidemill.replay;

import java.util.Arrays;

/** Equal pieces of a time, in microseconds, with a value each. */
final class Bins {
  static final int COUNT = 200;

  private final double widthMicros;
  private final double[] values = new double[COUNT];

  Bins(long spanMicros) {
    this.widthMicros = Math.max(1, spanMicros) / (double) COUNT;
  }

  /** One more at a time. */
  void count(long atMicros) {
    values[bin(atMicros)]++;
  }

  /** A stretch of time: each piece gets what of it falls there, in microseconds. */
  void cover(long fromMicros, long toMicros) {
    for (int i = bin(fromMicros); i <= bin(toMicros); i++) {
      double from = Math.max((double) fromMicros, i * widthMicros);
      double to = Math.min((double) toMicros, (i + 1) * widthMicros);
      values[i] += Math.max(0, to - from);
    }
  }

  private int bin(long micros) {
    return (int) Math.max(0, Math.min(COUNT - 1, micros / widthMicros));
  }

  double widthMicros() {
    return widthMicros;
  }

  /** The values, each times a factor. */
  double[] values(double factor) {
    return Arrays.stream(values).map(value -> value * factor).toArray();
  }

  /** The middle of each piece, in seconds. */
  double[] seconds() {
    double[] seconds = new double[COUNT];
    Arrays.setAll(seconds, i -> (i + 0.5) * widthMicros / 1e6);
    return seconds;
  }
}
