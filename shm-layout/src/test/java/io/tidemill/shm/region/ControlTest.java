package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControlTest {
  private final Control control = TestRegions.control();

  @Test
  void drawsEachSequenceOnce() {
    assertThat(control.drawSequences(3)).isEqualTo(1);
    assertThat(control.drawSequences(1)).isEqualTo(4);
    assertThat(control.lastSequence()).isEqualTo(4);
  }

  @Test
  void countsIncarnationsAndForgetsSleepersOfTheDead() {
    assertThat(control.enter(Role.PLM, 11, 1_000)).isEqualTo(1);
    assertThat(control.enter(Role.PLM, 12, 2_000)).isEqualTo(2);
    assertThat(control.pid(Role.PLM)).isEqualTo(12);
    assertThat(control.phase(Role.PLM)).isEqualTo(Control.Phase.STARTING);
    assertThat(control.phase(Role.REGISTER)).isEqualTo(Control.Phase.NEVER_STARTED);
  }

  @Test
  void keepsEveryCounterApart() {
    for (Counter counter : Counter.values()) {
      control.count(counter, counter.ordinal() + 1);
    }
    for (Counter counter : Counter.values()) {
      assertThat(control.count(counter)).as(counter.name()).isEqualTo(counter.ordinal() + 1);
    }
  }

  @Test
  void countsDistinctErrorsAndForgetsTheOldest() {
    ErrorLog errors = control.errors();
    for (int i = 0; i < 20; i++) {
      errors.record(Role.REGISTER, "error " + i, 1_000 + i);
      errors.record(Role.REGISTER, "error " + i, 1_000 + i);
    }
    errors.record(Role.PLM, "other", 5);
    assertThat(errors.entries())
        .filteredOn(entry -> entry.role() == Role.REGISTER)
        .hasSize(16)
        .allMatch(entry -> entry.count() == 2)
        .noneMatch(entry -> entry.text().equals("error 0"));
    assertThat(errors.entries()).anyMatch(entry -> entry.text().equals("other"));
  }
}
