package io.tidemill.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class UnitsTest {
  @Test
  void writesTimesInTheUnitThatSuitsThem() {
    assertThat(Units.micros(999)).isEqualTo("999 us");
    assertThat(Units.micros(1_250)).isEqualTo("1.25 ms");
    assertThat(Units.micros(3_400_000)).isEqualTo("3.40 s");
    assertThat(Units.age(120)).isEqualTo("0.1 s");
    assertThat(Units.age(42_000)).isEqualTo("42 s");
    assertThat(Units.age(300_000)).isEqualTo("5 min");
  }

  @Test
  void readsDurations() {
    assertThat(Units.duration("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(Units.duration("10")).isEqualTo(Duration.ofSeconds(10));
    assertThat(Units.duration("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(Units.duration("7d")).isEqualTo(Duration.ofDays(7));
    assertThatThrownBy(() -> Units.duration("soon")).hasMessageContaining("not a duration");
  }

  @Test
  void drawsBars() {
    assertThat(ProgressLine.bar(50, 100))
        .startsWith("[############............]")
        .contains(" 50 %");
    assertThat(ProgressLine.bar(5, 0)).isEmpty();
  }

  @Test
  void linesColumnsUp() {
    TextTable table = new TextTable("name", "n").row("a", 5).row("longer", 1234);
    assertThat(table.lines()).containsExactly("name       n", "a          5", "longer  1234");
  }
}
