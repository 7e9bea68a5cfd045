package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.system.kills.AffinityLoad.Calm;
import io.tidemill.system.kills.AffinityLoad.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where tasks with affinity keys began: as promised, and in ways that are not. */
class AffinityChecksTest {
  private static final Set<String> ALL = Set.of("a", "b", "c");
  private static final Set<String> WITHOUT_A = Set.of("b", "c");

  private final List<Sent> sent = new ArrayList<>();
  private final List<Run> runs = new ArrayList<>();
  private final List<Calm> calms =
      List.of(new Calm(ALL, 0, 10), new Calm(WITHOUT_A, 20, 30), new Calm(ALL, 40, 50));

  @Test
  void findsNothingWhereKeysStayAndOnlyThoseMoveThatMust() {
    began("key", "a", 1);
    began("key", "b", 21);
    began("key", "a", 41);
    began("other", "c", 2);
    began("other", "c", 22);
    AffinityChecks checks = new AffinityChecks(sent, calms, runs);
    assertThat(checks.violations()).isEmpty();
    assertThat(checks.judged()).isEqualTo(5);
    assertThat(checks.keysAt(ALL, "a")).isEqualTo(1);
    assertThat(checks.keysAt(WITHOUT_A, "a")).isZero();
  }

  @Test
  void expectsNothingWhileItIsNotKnownWhoIsConnected() {
    began("key", "a", 1);
    began("key", "b", 11);
    sent.add(new Sent("key", "late", 9));
    runs.add(run("late", "c", 15));
    assertThat(violations()).isEmpty();
  }

  @Test
  void noticesATaskThatIsNotAtTheWorkerOfItsKey() {
    began("key", "a", 1);
    began("key", "b", 2);
    assertThat(violations()).hasSize(1);
  }

  @Test
  void noticesAKeyThatDoesNotComeBack() {
    began("key", "a", 1);
    began("key", "b", 41);
    assertThat(violations()).hasSize(1);
  }

  @Test
  void noticesAKeyThatMovesThoughItsWorkerLives() {
    began("key", "b", 1);
    began("key", "c", 21);
    assertThat(violations()).hasSize(1);
  }

  @Test
  void goesByTheFirstWorkerOfATask() {
    began("key", "a", 1);
    sent.add(new Sent("key", "twice", 2));
    runs.add(run("twice", "b", 3));
    runs.add(run("twice", "a", 4));
    assertThat(violations()).hasSize(1);
  }

  private void began(String key, String worker, long nanos) {
    String task = key + nanos;
    sent.add(new Sent(key, task, nanos));
    runs.add(run(task, worker, nanos));
  }

  private static Run run(String task, String worker, long nanos) {
    return new Run(worker, task, 1, 1, nanos, nanos, 0, 0);
  }

  private List<String> violations() {
    return new AffinityChecks(sent, calms, runs).violations();
  }
}
