package io.tidemill.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The plots of a replay. */
public final class ReplayPlots {
  private final Measures measures;
  private final Timeline timeline;
  private final int places;
  private final int[] done;
  private final int[] sent;
  private final long spanMicros;

  private ReplayPlots(Measures measures, int places) {
    this.measures = measures;
    this.timeline = measures.timeline();
    this.places = places;
    this.done = measures.succeeded();
    this.sent = ReplayReport.sent(timeline);
    long lastEnd = Arrays.stream(done).mapToLong(timeline::endedMicros).max().orElse(0);
    long lastSent = Arrays.stream(sent).mapToLong(timeline::sentMicros).max().orElse(0);
    this.spanMicros = Math.max(lastEnd, lastSent);
  }

  /**
   * Writes all of them into a folder, which is made if need be; answers what was written.
   *
   * @param places how many tasks all workers run at a time; 0: not known
   */
  public static List<Path> write(Measures measures, int places, Path folder) throws IOException {
    Files.createDirectories(folder);
    ReplayPlots plots = new ReplayPlots(measures, places);
    List<Path> written = new ArrayList<>();
    written.add(write(plots.arrivals(), folder.resolve("arrivals.svg")));
    written.add(write(plots.busy(), folder.resolve("utilisation.svg")));
    written.add(write(plots.waits(), folder.resolve("wait.svg")));
    written.add(write(plots.slowdowns(), folder.resolve("slowdown.svg")));
    return written;
  }

  private static Path write(SvgPlot plot, Path file) throws IOException {
    plot.write(file);
    return file;
  }

  private SvgPlot arrivals() {
    Bins intended = new Bins(spanMicros);
    Bins achieved = new Bins(spanMicros);
    for (int job : sent) {
      intended.count(timeline.intendedMicros(job));
      achieved.count(timeline.sentMicros(job));
    }
    double perSecond = 1e6 / intended.widthMicros();
    return new SvgPlot("Arrivals", "seconds of the replay", "tasks a second", false)
        .line("intended", intended.seconds(), intended.values(perSecond))
        .line("achieved", achieved.seconds(), achieved.values(perSecond));
  }

  private SvgPlot busy() {
    Bins busy = new Bins(spanMicros);
    for (int job : done) {
      long end = timeline.endedMicros(job);
      busy.cover(end - measures.runMicros(job), end);
    }
    boolean known = places > 0;
    double factor = 1 / busy.widthMicros() * (known ? 100.0 / places : 1);
    String up = known ? "% of the workers' places" : "tasks at a time";
    return new SvgPlot("Utilisation", "seconds of the replay", up, false)
        .line("running", busy.seconds(), busy.values(factor));
  }

  /** Of the jobs that were to come in each piece of time: the middle one and the worst. */
  private SvgPlot waits() {
    Bins axis = new Bins(spanMicros);
    List<List<Double>> each = new ArrayList<>();
    for (int i = 0; i < Bins.COUNT; i++) {
      each.add(new ArrayList<>());
    }
    for (int job : done) {
      double bin = timeline.intendedMicros(job) / axis.widthMicros();
      each.get((int) Math.min(Bins.COUNT - 1, bin)).add(measures.waitMicros(job) / 1e6);
    }
    double[] middle = new double[Bins.COUNT];
    double[] worst = new double[Bins.COUNT];
    for (int i = 0; i < Bins.COUNT; i++) {
      double[] sorted = each.get(i).stream().mapToDouble(d -> d).sorted().toArray();
      boolean any = sorted.length > 0;
      middle[i] = any ? Spread.percentile(sorted, 50) : Double.NaN;
      worst[i] = any ? sorted[sorted.length - 1] : Double.NaN;
    }
    return new SvgPlot("Wait", "seconds of the replay", "seconds", false)
        .line("p50", axis.seconds(), middle)
        .line("max", axis.seconds(), worst);
  }

  private SvgPlot slowdowns() {
    SvgPlot plot = new SvgPlot("Bounded slowdown", "slowdown", "% of the tasks or fewer", true);
    return addSlowdowns(plot, "all", measures);
  }

  /** Adds the distribution of a replay's slowdowns: how many percent had at most so much. */
  public static SvgPlot addSlowdowns(SvgPlot plot, String name, Measures measures) {
    double[] sorted =
        Arrays.stream(measures.succeeded()).mapToDouble(measures::slowdown).sorted().toArray();
    int points = Math.min(sorted.length, Bins.COUNT);
    double[] xs = new double[points];
    double[] ys = new double[points];
    for (int i = 0; i < points; i++) {
      ys[i] = 100.0 * (i + 1) / points;
      xs[i] = Spread.percentile(sorted, ys[i]);
    }
    return plot.line(name, xs, ys);
  }
}
