package io.tidemill.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlotMainTest {
  @TempDir Path folder;

  private int plot(String json) throws Exception {
    Path file = Files.writeString(folder.resolve("figures.json"), json);
    return new CommandLine(new PlotMain()).execute("--out", folder.toString(), file.toString());
  }

  @Test
  void drawsWhatItFinds() throws Exception {
    int exit =
        plot(
            "{\"figures\":[{\"figure\":\"1000 queued\",\"median\":9},"
                + "{\"figure\":\"100000 queued\",\"median\":8}]}");
    assertThat(exit).isZero();
    assertThat(folder.resolve("rate-over-depth.svg")).content().contains("<svg", "</svg>");
    assertThat(folder.resolve("latency-over-load.svg")).doesNotExist();
    assertThat(folder.resolve("heap-cost.svg")).doesNotExist();
  }

  @Test
  void drawsTheHeapFromWhatJmhWrites() throws Exception {
    int exit =
        plot(
            "[{\"benchmark\":\"io.tidemill.bench.heap.HeapBenchmark.mappedHeap\","
                + "\"params\":{\"order\":\"fifo\",\"resident\":\"1000\"},"
                + "\"primaryMetric\":{\"score\":76.5}}]");
    assertThat(exit).isZero();
    assertThat(folder.resolve("heap-cost.svg")).exists();
  }
}
