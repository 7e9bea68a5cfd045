package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.v1.Dependency;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DependencyCheckTest {
  private static TaskSpec after(int... indexes) {
    TaskSpec.Builder spec = TaskSpec.newBuilder().setType("t");
    Arrays.stream(indexes)
        .forEach(index -> spec.addDependsOn(Dependency.newBuilder().setIndex(index)));
    return spec.build();
  }

  @Test
  void findsNoCycleInGraphsThatHaveNone() {
    assertThat(DependencyCheck.cycle(List.of(after()))).isNull();
    assertThat(DependencyCheck.cycle(List.of(after(1, 2), after(2), after()))).isNull();
    assertThat(DependencyCheck.cycle(List.of(after(), after(0), after(0), after(1, 2)))).isNull();
  }

  @Test
  void namesTheCycle() {
    assertThat(DependencyCheck.cycle(List.of(after(0))).message()).contains(": 0 -> 0 ");
    Refused cycle =
        DependencyCheck.cycle(List.of(after(), after(0, 2), after(3), after(1), after(3)));
    assertThat(cycle.reason()).isEqualTo("DEPENDENCY_CYCLE");
    assertThat(cycle.message()).contains(": 1 -> 2 -> 3 -> 1 ");
  }

  @Test
  void followsChainsAsLongAsACallMayBe() {
    List<TaskSpec> chain = new ArrayList<>();
    for (int i = 0; i < Acceptance.ATOMIC_TASKS_MAX; i++) {
      chain.add(i == 0 ? after() : after(i - 1));
    }
    assertThat(DependencyCheck.cycle(chain)).isNull();
    chain.set(0, after(Acceptance.ATOMIC_TASKS_MAX - 1));
    assertThat(DependencyCheck.cycle(chain).message()).contains("... -> ");
  }

  @Test
  void refusesWhatNamesNoTask() {
    TaskSpec empty = TaskSpec.newBuilder().addDependsOn(Dependency.newBuilder()).build();
    assertThat(DependencyCheck.check(empty, 3).reason()).isEqualTo("DEPENDENCY_EMPTY");
    assertThat(DependencyCheck.check(after(3), 3).reason())
        .isEqualTo("DEPENDENCY_INDEX_OUT_OF_RANGE");
    assertThat(DependencyCheck.check(after(-1), 3).reason())
        .isEqualTo("DEPENDENCY_INDEX_OUT_OF_RANGE");
    assertThat(DependencyCheck.check(after(0), 0).reason()).isEqualTo("DEPENDENCY_NEEDS_ATOMIC");
    assertThat(
            DependencyCheck.check(after(new int[DependencyCheck.DEPENDENCIES_MAX + 1]), 3).reason())
        .isEqualTo("TOO_MANY_DEPENDENCIES");
    TaskSpec rule = TaskSpec.newBuilder().setDependencyRuleValue(9).build();
    assertThat(DependencyCheck.check(rule, 0).reason()).isEqualTo("DEPENDENCY_RULE_UNKNOWN");
    assertThat(DependencyCheck.check(after(0, 2), 3)).isNull();
  }
}
