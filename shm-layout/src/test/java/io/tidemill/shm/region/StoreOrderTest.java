package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Readers in other processes while a writer's stores become visible in any order that its kinds of
 * stores and fences allow: what x86 would keep in order anyway, other processors and compilers do
 * not.
 */
@Tag("exhaustive")
class StoreOrderTest {
  @Test
  void showsNothingHalfWrittenInWhateverOrderStoresBecomeVisible() {
    List<Scenario> scenarios = new ArrayList<>();
    scenarios.addAll(TaskScenarios.all());
    scenarios.addAll(RowScenarios.all());
    scenarios.addAll(RingScenarios.all());
    scenarios.addAll(ControlScenarios.all());
    long views = 0;
    for (Scenario scenario : scenarios) {
      Scenario.Case one = scenario.fresh().get();
      try {
        LooseMemory memory = new LooseMemory(one.memory, one::look);
        one.operate(memory);
        views += memory.views();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("scenario: " + scenario.name() + ": " + e.getMessage(), e);
      }
    }
    System.out.printf(
        "store orders of the regions: %d scenarios, %d views of readers%n",
        scenarios.size(), views);
    assertThat(views).isGreaterThan(1_000);
  }
}
