package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrioritiesTest {
  @ParameterizedTest
  @CsvSource({
    "low, -100",
    "normal, 0",
    "high, 100",
    "urgent, 1000",
    "URGENT, 1000",
    "7, 7",
    "-2147483648, -2147483648",
    "2147483647, 2147483647"
  })
  void readsNamesAndNumbers(String text, int priority) {
    assertThat(Priorities.parse(text)).isEqualTo(priority);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hi", "1.5", "2147483648", "4e3"})
  void saysWhatItTakesInstead(String text) {
    assertThatThrownBy(() -> Priorities.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("value='" + text + "'")
        .hasMessageContaining("low, normal, high or urgent");
  }

  @Test
  void showsTheNumberAndTheNameWhereThereIsOne() {
    assertThat(Priorities.format(Priorities.URGENT)).isEqualTo("1000 (urgent)");
    assertThat(Priorities.format(Priorities.LOW)).isEqualTo("-100 (low)");
    assertThat(Priorities.format(0)).isEqualTo("0 (normal)");
    assertThat(Priorities.format(5)).isEqualTo("5");
  }

  @Test
  void ordersTheNamesAsTheySay() {
    assertThat(Priorities.LOW).isLessThan(Priorities.NORMAL);
    assertThat(Priorities.NORMAL).isZero().isLessThan(Priorities.HIGH);
    assertThat(Priorities.HIGH).isLessThan(Priorities.URGENT);
  }
}
