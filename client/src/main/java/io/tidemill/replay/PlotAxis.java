package io.tidemill.replay;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** From a value to a place, and the values to write beside the axis. */
record PlotAxis(double from, double to, boolean log, List<Double> ticks) {
  static PlotAxis over(List<Double> values, boolean log) {
    double most = finite(values).max().orElse(1);
    double least = finite(values).min().orElse(0);
    if (log) {
      double from = Math.pow(10, Math.floor(Math.log10(Math.max(least, 1e-9))));
      double to = Math.pow(10, Math.ceil(Math.log10(Math.max(most, from * 10))));
      int decades = (int) Math.round(Math.log10(to / from));
      return new PlotAxis(from, to, true, ticks(decades, i -> from * Math.pow(10, i)));
    }
    double step = step(Math.max(most, 1e-9) / 5);
    double to = Math.ceil(Math.max(most, 1e-9) / step) * step;
    return new PlotAxis(0, to, false, ticks((int) Math.round(to / step), i -> i * step));
  }

  private static List<Double> ticks(int last, IntToDoubleFunction value) {
    return IntStream.rangeClosed(0, last).mapToDouble(value).boxed().toList();
  }

  private static DoubleStream finite(List<Double> values) {
    return values.stream().mapToDouble(value -> value).filter(Double::isFinite);
  }

  /** The next 1, 2 or 5 times a power of ten. */
  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double digits = least / power;
    return power * (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
  }

  double share(double value) {
    double share =
        log
            ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
            : (value - from) / (to - from);
    return Math.max(0, Math.min(1, share));
  }
}
