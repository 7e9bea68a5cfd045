package io.tidemill.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import io.tidemill.replay.Timeline.State;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against figures worked out by hand: four jobs at ten times the speed, on two places, with a bound
 * of 10 s (1 s of the replay).
 *
 * <pre>
 * job  trace: at, run   replay: due  sent    run   ended     wait   response  slowdown
 * a        0 s,  40 s         0 s    0.0 s   4 s    4.5 s    0.5 s     4.5 s   1.125
 * b       10 s,   2 s         1 s    1.5 s   0.2 s  4.5 s    3.3 s     3.5 s   3.5 (by the bound)
 * c       20 s,  20 s         2 s    2.0 s   2 s    3.9 s    0         1.9 s   1 (not below)
 * d       30 s,  10 s         3 s    3.0 s   1 s    failed
 * </pre>
 */
class ReplayReportTest {
  private static final double SECOND = 1e6;

  @TempDir Path folder;
  private final Timeline timeline = new Timeline(5);
  private final Measures measures = new Measures(workload(), timeline, 10, 10_000_000);

  private static Workload workload() {
    List<Job> jobs = new ArrayList<>();
    jobs.add(job("a", 0, 40));
    jobs.add(job("b,\"x\"", 10, 2));
    jobs.add(job("c", 20, 20));
    jobs.add(job("d", 30, 10));
    jobs.add(job("e", 40, 10));
    return new Workload(TraceFormat.SWF, jobs, 0, 0);
  }

  private static Job job(String name, int at, int run) {
    return new Job(name, at * 1_000_000L, run * 1_000_000L, 1, List.of(), List.of());
  }

  private void replayed() {
    timeline.sent(0, 0, 0);
    timeline.sent(1, 1_000_000, 1_500_000);
    timeline.sent(2, 2_000_000, 2_000_000);
    timeline.sent(3, 3_000_000, 3_000_000);
    timeline.ended(0, true, 4_500_000, "w1");
    timeline.ended(1, true, 4_500_000, "w2");
    timeline.ended(2, true, 3_900_000, "w1");
    timeline.ended(3, false, 9_000_000, "w1");
    timeline.gaveUp(4, State.DROPPED);
  }

  @Test
  void reckonsAsByHand() {
    replayed();
    ReplayReport report = ReplayReport.of(measures, 2);
    assertThat(report.makespanMicros()).isEqualTo(4_500_000);
    assertThat(report.utilisation()).as("6.2 s of 2 x 4.5 s").isCloseTo(6.2 / 9, within(1e-9));
    assertThat(report.waitMicros().mean()).isCloseTo(3.8 / 3 * SECOND, within(1e-6));
    assertThat(report.waitMicros().p50()).isEqualTo(0.5 * SECOND);
    assertThat(report.waitMicros().p95()).isEqualTo(3.3 * SECOND);
    assertThat(report.responseMicros().mean()).isCloseTo(3.3 * SECOND, within(1e-6));
    assertThat(report.slowdown().mean()).isCloseTo((1.125 + 3.5 + 1) / 3, within(1e-9));
    assertThat(report.slowdown().p50()).isEqualTo(1.125);
    assertThat(report.slowdown().max()).isEqualTo(3.5);
    assertThat(report.lateMicros().max()).isEqualTo(0.5 * SECOND);
    assertThat(report.lateMicros().mean()).isEqualTo(0.125 * SECOND);
    assertThat(report.intendedPerSecond()).as("three intervals in 3 s").isEqualTo(1);
    assertThat(report.achievedPerSecond()).isEqualTo(1);
  }

  @Test
  void tellsTheSameInJson() {
    replayed();
    JsonObject json = ReplayReport.of(measures, 2).json();
    assertThat(json.get("makespan_us").getAsLong()).isEqualTo(4_500_000);
    assertThat(json.get("utilisation").getAsDouble()).isEqualTo(0.6889);
    assertThat(json.getAsJsonObject("bounded_slowdown").get("mean").getAsDouble()).isEqualTo(1.875);
    assertThat(json.getAsJsonObject("wait").get("p99_us").getAsDouble()).isEqualTo(3.3 * SECOND);
  }

  @Test
  void writesALineForEachJob() {
    replayed();
    StringWriter csv = new StringWriter();
    timeline.writeCsv(measures.workload(), measures, new PrintWriter(csv));
    assertThat(csv.toString().lines().skip(1))
        .containsExactly(
            "a,0,40000000,0,0,4500000,500000,4500000,1.1250,SUCCEEDED,w1",
            "\"b,\"\"x\"\"\",10000000,2000000,1000000,1500000,4500000,3300000,3500000,3.5000,SUCCEEDED,w2",
            "c,20000000,20000000,2000000,2000000,3900000,0,1900000,1.0000,SUCCEEDED,w1",
            "d,30000000,10000000,3000000,3000000,9000000,,,,FAILED,w1",
            "e,40000000,10000000,,,,,,,DROPPED,");
  }

  @Test
  void reckonsWithoutAnyJobThatSucceeded() {
    ReplayReport report = ReplayReport.of(measures, 0);
    assertThat(report.slowdown().max()).isZero();
    assertThat(report.utilisation()).isZero();
    assertThat(report.makespanMicros()).isZero();
  }

  @Test
  void takesPercentilesByTheNearestRank() {
    Spread spread = Spread.of(DoubleStream.iterate(100, i -> i - 1).limit(100));
    assertThat(spread).isEqualTo(new Spread(50.5, 50, 95, 99, 100));
    assertThat(Spread.of(DoubleStream.of(3, 1))).isEqualTo(new Spread(2, 1, 3, 3, 3));
  }

  @Test
  void dividesAStretchOfTimeAmongItsPieces() {
    Bins bins = new Bins(Bins.COUNT * 10L);
    bins.cover(5, 32);
    bins.count(1_999);
    assertThat(bins.values(1)).startsWith(5, 10, 10, 2, 0).endsWith(0, 1);
  }

  @Test
  void drawsPlotsThatAreXml() throws Exception {
    replayed();
    List<Path> plots = ReplayPlots.write(measures, 2, folder.resolve("new/plots"));
    assertThat(plots)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("arrivals.svg", "utilisation.svg", "wait.svg", "slowdown.svg");
    for (Path plot : plots) {
      var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(plot.toFile());
      assertThat(document.getElementsByTagName("polyline").getLength()).isPositive();
      assertThat(Files.readString(plot)).doesNotContain("NaN").doesNotContain("Infinity");
    }
  }

  @Test
  void placesAPointWhereItsAxesSay() {
    String svg =
        new SvgPlot("a < b & c", "x", "y", false)
            .line("l", new double[] {0, 5, 10}, new double[] {0, Double.NaN, 10})
            .svg();
    assertThat(svg).contains("points='70.0,310.0 740.0,56.0 '").contains("a &lt; b &amp; c");
    String log =
        new SvgPlot("t", "x", "y", true)
            .line("l", new double[] {1, 10, 100}, new double[] {1, 1, 1})
            .svg();
    assertThat(log)
        .as("decades are equally wide")
        .contains("points='70.0,56.0 405.0,56.0 740.0,56.0 '");
  }

  @Test
  void drawsPlotsOfNothing() throws IOException {
    assertThat(ReplayPlots.write(measures, 0, folder)).hasSize(4);
  }
}
