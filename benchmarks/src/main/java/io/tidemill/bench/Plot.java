package io.tidemill.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Lines over a number, as an SVG file. */
final class Plot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;

  private final XYChart chart;
  private final Map<String, TreeMap<Double, Double>> lines = new TreeMap<>();

  Plot(String title, String across, String up) {
    this.chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(across)
            .yAxisTitle(up)
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
  }

  Plot logarithmicAcross() {
    chart.getStyler().setXAxisLogarithmic(true);
    return this;
  }

  Plot logarithmicUp() {
    chart.getStyler().setYAxisLogarithmic(true);
    return this;
  }

  Plot fromZero() {
    chart.getStyler().setYAxisMin(0.0);
    return this;
  }

  void add(String line, double across, double up) {
    lines.computeIfAbsent(line, name -> new TreeMap<>()).put(across, up);
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  void save(Path file) throws IOException {
    lines.forEach(
        (name, points) -> {
          double[] across = points.keySet().stream().mapToDouble(Double::doubleValue).toArray();
          double[] up = points.values().stream().mapToDouble(Double::doubleValue).toArray();
          chart
              .addSeries(name, across, up)
              .setMarker(SeriesMarkers.CIRCLE)
              .setLineStyle(SeriesLines.SOLID);
        });
    String svg = new String(ChartEncoder.getBytes(chart, "svg"), StandardCharsets.UTF_8);
    // Letters are drawn as outlines: two digits of a pixel are enough, and half the file.
    Files.writeString(file, svg.replaceAll("(\\.\\d\\d)\\d+", "$1"));
  }
}
