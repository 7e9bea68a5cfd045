package io.tidemill.cli;

import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.replay.ReplayReport;
import io.tidemill.replay.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** A replay's report for people. */
final class ReplayText {
  private ReplayText() {}

  static List<String> lines(ReplayReport report, int places) {
    TextTable table = new TextTable("", "mean", "p50", "p95", "p99", "max");
    row(table, "wait", report.waitMicros(), ReplayText::micros);
    row(table, "response time", report.responseMicros(), ReplayText::micros);
    row(table, "submitted late", report.lateMicros(), ReplayText::micros);
    row(table, "bounded slowdown", report.slowdown(), ReplayText::ratio);
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(
        "makespan "
            + Units.micros(report.makespanMicros())
            + "  utilisation "
            + (places == 0
                ? "not known"
                : percent(report.utilisation()) + " of " + places + " places"));
    lines.add(
        "arrivals intended "
            + Units.rate(report.intendedPerSecond())
            + "/s  achieved "
            + Units.rate(report.achievedPerSecond())
            + "/s");
    return lines;
  }

  private static void row(
      TextTable table, String name, Spread spread, DoubleFunction<String> text) {
    table.row(
        name,
        text.apply(spread.mean()),
        text.apply(spread.p50()),
        text.apply(spread.p95()),
        text.apply(spread.p99()),
        text.apply(spread.max()));
  }

  private static String micros(double micros) {
    return Units.micros(Math.round(micros));
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }
}
