package io.tidemill.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GcLogTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final List<String> LINES =
      List.of(
          "[0.006s][info][gc] Using Serial",
          "[1.2s][info][gc] GC(0) Pause Young (Allocation Failure) 8M->1M(30M) 2.511ms",
          "[2.0s][info][gc] GC(1) Pause Young (Allocation Failure) 9M->2M(30M) 1.101ms",
          "[2.1s][info][gc] GC(2) Pause Full (System.gc()) 5M->2M(30M) 9.300ms",
          "[3.0s][info][gc] GC(3) Pause Young (Allocation Failure) 12M->2M(30M) 1.002ms");

  @Test
  void sumsWhatTheHeapGrewBetweenCollections() {
    GcLog log = GcLog.of(LINES);
    assertThat(log.collections()).isEqualTo(4);
    assertThat(log.bytes()).isEqualTo((8 + 8 + 3 + 10) * MEBIBYTE);
    assertThat(log.allocatedSince(GcLog.of(LINES.subList(0, 2)))).isEqualTo(21.0 * MEBIBYTE);
  }

  @Test
  void givesNoFigureOutOfTooFewCollections() {
    GcLog log = GcLog.of(LINES);
    assertThatThrownBy(() -> log.allocatedSince(GcLog.of(LINES.subList(0, 4))))
        .hasMessageContaining("--count");
  }
}
