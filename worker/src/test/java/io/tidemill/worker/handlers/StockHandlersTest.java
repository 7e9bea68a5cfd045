package io.tidemill.worker.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.worker.NonRetryableException;
import io.tidemill.worker.TaskContext;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StockHandlersTest {
  private static String run(String type, TaskContext context) throws Exception {
    var result = StockHandlers.all(false).get(type).handle(context);
    return result == null ? "" : result.toStringUtf8();
  }

  @Test
  void hasExecOnlyWhereItIsAllowed() {
    assertThat(StockHandlers.all(false).keySet())
        .containsExactly("echo", "sleep", "spin", "prime", "wordcount");
    assertThat(StockHandlers.all(true)).containsKey("exec");
  }

  @Test
  void echoReturnsItsPayload() throws Exception {
    assertThat(run("echo", FakeContext.of("hello"))).isEqualTo("hello");
  }

  @Test
  void sleepAndSpinTakeAtLeastTheirTime() throws Exception {
    for (String type : new String[] {"sleep", "spin"}) {
      long start = System.nanoTime();
      assertThat(run(type, FakeContext.of(" 3000 "))).isEmpty();
      assertThat(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(3_000);
      assertThat(run(type, FakeContext.of(""))).isEmpty();
    }
  }

  @Test
  void aBadNumberFailsForGoodAndIsNamed() {
    for (String bad : new String[] {"ten", "-1", "1.5", "9223372036854775808", "0x10"}) {
      for (String type : new String[] {"sleep", "spin", "prime"}) {
        assertThatThrownBy(() -> run(type, FakeContext.of(bad)))
            .isInstanceOf(NonRetryableException.class)
            .hasMessageContaining("value='" + bad + "'");
      }
    }
  }

  @Test
  void primeFindsTheSmallestFactor() throws Exception {
    assertThat(run("prime", FakeContext.of("2"))).isEqualTo("prime");
    assertThat(run("prime", FakeContext.of("4"))).isEqualTo("2");
    assertThat(run("prime", FakeContext.of("9"))).isEqualTo("3");
    assertThat(run("prime", FakeContext.of("1000003"))).isEqualTo("prime");
    assertThat(run("prime", FakeContext.of("1018081"))).isEqualTo("1009");
    assertThat(run("prime", FakeContext.of("9223372036854775807"))).isEqualTo("7");
    assertThatThrownBy(() -> run("prime", FakeContext.of("1")))
        .isInstanceOf(NonRetryableException.class);
  }

  @Test
  void longWorkStopsWhenItIsCancelled() {
    FakeContext spin = FakeContext.of("9000000000000");
    spin.cancel();
    assertThatThrownBy(() -> run("spin", spin)).isInstanceOf(CancellationException.class);
    // The largest prime below 2^63: seconds of division.
    FakeContext prime = FakeContext.of("9223372036854775783");
    prime.cancel();
    assertThatThrownBy(() -> run("prime", prime)).isInstanceOf(CancellationException.class);
  }
}
