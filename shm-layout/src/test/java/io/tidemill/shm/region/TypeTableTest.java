package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.Memory;
import org.junit.jupiter.api.Test;

class TypeTableTest {
  private final Memory memory = TestRegions.types(3);

  @Test
  void givesEachNameOneNumberThatAllSee() {
    TypeTable plm = new TypeTable(memory);
    TypeTable scheduler = new TypeTable(memory);
    assertThat(plm.intern("echo")).isZero();
    assertThat(plm.intern("spin")).isEqualTo(1);
    assertThat(plm.intern("echo")).isZero();
    assertThat(scheduler.name(1)).isEqualTo("spin");
    assertThat(scheduler.find("echo")).isZero();
    assertThat(scheduler.find("none")).isEqualTo(-1);
  }

  @Test
  void refusesWhatDoesNotFit() {
    TypeTable plm = new TypeTable(memory);
    plm.intern("a");
    plm.intern("b");
    plm.intern("c");
    assertThat(plm.intern("d")).isEqualTo(-1);
    assertThat(plm.intern("c")).isEqualTo(2);
  }
}
