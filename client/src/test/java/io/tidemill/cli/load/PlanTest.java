package io.tidemill.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
  @Test
  void mixesSeventyTwentyTenTheSameForTheSameSeed() {
    List<Plan.Shot> plan = Plan.mixed(1000, 100, 7);
    assertThat(plan).isEqualTo(Plan.mixed(1000, 100, 7)).isNotEqualTo(Plan.mixed(1000, 100, 8));
    assertThat(plan.stream().filter(s -> s.workClass() == WorkClass.SHORT)).hasSize(700);
    assertThat(plan.stream().filter(s -> s.workClass() == WorkClass.MEDIUM)).hasSize(200);
    assertThat(plan.stream().filter(s -> s.workClass() == WorkClass.LONG)).hasSize(100);
    assertThat(plan.get(999).atNanos()).isEqualTo(9_990_000_000L);
  }

  @Test
  void spacesByTheInterval() {
    assertThat(Plan.spaced(3, Duration.ofMillis(250), WorkClass.MEDIUM))
        .extracting(Plan.Shot::atNanos)
        .containsExactly(0L, 250_000_000L, 500_000_000L);
  }
}
