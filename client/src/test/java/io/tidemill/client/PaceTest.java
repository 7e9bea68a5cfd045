package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaceTest {
  /** The clock that it is for may be negative and may overflow. */
  private static final long START = Long.MAX_VALUE - 15;

  private final Pace pace = new Pace(10, START);

  @Test
  void letsOneThroughInSoMuchTime() {
    assertThat(IntStream.range(0, 40).filter(nanos -> pace.mayPass(at(nanos))))
        .containsExactly(0, 10, 20, 30);
  }

  @Test
  void givesNoMoreForHavingWaited() {
    assertThat(pace.mayPass(at(25))).isTrue();
    assertThat(pace.mayPass(at(34))).isFalse();
    assertThat(pace.mayPass(at(35))).isTrue();
  }

  @Test
  void letsOneOfManyThreadsThrough() {
    assertThat(IntStream.range(0, 1_000).parallel().filter(i -> pace.mayPass(START)).count())
        .isEqualTo(1);
  }

  private static long at(int nanos) {
    return START + nanos;
  }
}
