package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.system.kills.OrderChecks.Waiting;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Orders in which all is well, and such in which one thing is not. */
class OrderChecksTest {
  private static final Map<String, Integer> WEIGHTS = Map.of("a", 3, "b", 1);

  @Test
  void goesByPriorityAndThenBySubmission() {
    Waiting first = new Waiting("first", 5, 2);
    Waiting second = new Waiting("second", 5, 3);
    Waiting third = new Waiting("third", 1, 1);
    assertThat(OrderChecks.byPriority(List.of(first, second, third))).isEmpty();
    assertThat(OrderChecks.byPriority(List.of(second, first, third))).hasSize(1);
    assertThat(OrderChecks.byPriority(List.of(first, third, second))).hasSize(1);
  }

  @Test
  void findsNothingWhereTurnsAreTaken() {
    assertThat(byTurns("abaaabaaabaa", 1)).isEmpty();
    assertThat(byTurns("bbbbb", 1)).isEmpty();
  }

  @Test
  void noticesAShareThatIsTooLargeByOneLease() {
    assertThat(byTurns("aaaab", 1)).isEmpty();
    assertThat(byTurns("aaaaab", 1)).hasSize(1);
    assertThat(byTurns("bba", 1)).hasSize(1);
  }

  @Test
  void allowsAnotherTurnForEachProcess() {
    assertThat(byTurns("bba", 2)).isEmpty();
    assertThat(byTurns("bbba", 2)).hasSize(1);
  }

  @Test
  void expectsNothingOfATenantThatHasNothingLeft() {
    assertThat(byTurns("abbbbbb", 1)).isEmpty();
  }

  private static List<String> byTurns(String began, int processes) {
    return OrderChecks.byTurns(List.of(began.split("")), WEIGHTS, processes);
  }
}
