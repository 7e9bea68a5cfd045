package io.tidemill.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Lines over two axes, as an SVG. Why not by a library: docs/decisions, "Plots are written by
 * ourselves".
 */
public final class SvgPlot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 360;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 56;
  private static final int BOTTOM = 50;

  /** Told apart by the colour-blind, too (Okabe and Ito). */
  private static final String[] COLOURS = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"
  };

  private record Line(String name, List<Double> xs, List<Double> ys) {}

  private final String title;
  private final String across;
  private final String up;
  private final boolean logAcross;
  private final List<Line> lines = new ArrayList<>();

  /**
   * An empty plot.
   *
   * @param logAcross whether the axis across is logarithmic
   */
  public SvgPlot(String title, String across, String up, boolean logAcross) {
    this.title = title;
    this.across = across;
    this.up = up;
    this.logAcross = logAcross;
  }

  /** Adds a line through points that are in order from left to right. */
  public SvgPlot line(String name, double[] xs, double[] ys) {
    lines.add(
        new Line(name, Arrays.stream(xs).boxed().toList(), Arrays.stream(ys).boxed().toList()));
    return this;
  }

  public void write(Path file) throws IOException {
    Files.writeString(file, svg());
  }

  /** The picture as text. */
  public String svg() {
    PlotAxis x = PlotAxis.over(all(Line::xs), logAcross);
    PlotAxis y = PlotAxis.over(all(Line::ys), false);
    StringBuilder svg = new StringBuilder();
    add(svg, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d'", WIDTH, HEIGHT);
    add(svg, " font-family='sans-serif' font-size='12' fill='#222'>%n");
    add(svg, "<rect width='100%%' height='100%%' fill='white'/>%n");
    text(svg, LEFT, 18, "start", title);
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", across);
    add(svg, "<g transform='translate(16 %d) rotate(-90)'>", (TOP + HEIGHT - BOTTOM) / 2);
    text(svg, 0, 0, "middle", up);
    add(svg, "</g>%n");
    for (double tick : x.ticks()) {
      rule(svg, left(x, tick), TOP, left(x, tick), HEIGHT - BOTTOM);
      text(svg, left(x, tick), HEIGHT - BOTTOM + 18, "middle", number(tick));
    }
    for (double tick : y.ticks()) {
      rule(svg, LEFT, top(y, tick), WIDTH - RIGHT, top(y, tick));
      text(svg, LEFT - 6, top(y, tick) + 4, "end", number(tick));
    }
    for (int i = 0; i < lines.size(); i++) {
      draw(svg, lines.get(i), colour(i), x, y);
      int at = LEFT + i * (WIDTH - LEFT - RIGHT) / lines.size();
      add(svg, "<rect x='%d' y='34' width='14' height='4' fill='%s'/>", at, colour(i));
      text(svg, at + 20, 40, "start", lines.get(i).name);
    }
    return svg.append("</svg>\n").toString();
  }

  private List<Double> all(Function<Line, List<Double>> values) {
    return lines.stream().flatMap(line -> values.apply(line).stream()).toList();
  }

  private static String colour(int line) {
    return COLOURS[line % COLOURS.length];
  }

  private static void draw(StringBuilder svg, Line line, String colour, PlotAxis x, PlotAxis y) {
    add(svg, "<polyline fill='none' stroke='%s' stroke-width='1.5' points='", colour);
    for (int i = 0; i < line.xs.size(); i++) {
      if (Double.isFinite(line.ys.get(i))) {
        add(svg, "%.1f,%.1f ", left(x, line.xs.get(i)), top(y, line.ys.get(i)));
      }
    }
    add(svg, "'/>%n");
  }

  private static double left(PlotAxis x, double value) {
    return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double top(PlotAxis y, double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static void rule(StringBuilder svg, double x1, double y1, double x2, double y2) {
    add(svg, "<path d='M%.1f %.1fL%.1f %.1f' stroke='#ddd'/>%n", x1, y1, x2, y2);
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    String safe = text.replace("&", "&amp;").replace("<", "&lt;");
    add(svg, "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>%n", x, y, anchor, safe);
  }

  /** Without more digits than it needs. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, Math.abs(value) >= 1e6 ? "%.3g" : "%.6f", value);
    return text.contains(".") && !text.contains("e") ? text.replaceAll("\\.?0+$", "") : text;
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
  }
}
