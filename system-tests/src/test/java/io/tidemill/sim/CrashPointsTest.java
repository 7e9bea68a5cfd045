package io.tidemill.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every server may die before any of its writes, to shared memory or to a journal, whatever it is
 * doing.
 */
@Tag("exhaustive")
class CrashPointsTest {
  /** Legal, and made by no server: tasks are neither delayed nor do they expire so far. */
  private static final Set<String> NOT_MADE_YET =
      Set.of(
          "EXPIRED -> FREE",
          "FILLING -> WAITING",
          "RECORDING -> EXPIRED",
          "RECORDING -> WAITING",
          "WAITING -> READY",
          "WAITING -> RECORDING");

  private static final int STEP = 97;

  @Test
  void everyOperationSurvivesACrashAtEachOfItsWrites() {
    CrashPoints all = new CrashPoints(new Coverage(), false);
    for (Operation operation : Operations.all()) {
      long points = all.single(operation);
      System.out.printf("crash points: %4d of %4d  %s%n", points, points, operation);
    }
    System.out.printf(
        "crash points: %d of %d, in %d worlds%n", all.points(), all.points(), all.cases());

    assertThat(all.failures()).isEmpty();
  }

  /** In the long form at every point; here at some of each operation. */
  @Test
  void anotherCrashInTheRecoveryChangesNothing() {
    CrashPoints some = new CrashPoints(new Coverage(), false);
    Operations.all().forEach(operation -> some.twice(operation, STEP));
    System.out.printf("double crash points: %d%n", some.points());

    assertThat(some.failures()).isEmpty();
  }

  /** In the long form at every point; here at some of each pair. */
  @Test
  void aServerMayStopInTheMiddleWhileAnotherDoesSomething() {
    CrashPoints some = new CrashPoints(new Coverage(), false);
    Operations.pairs().forEach(pair -> some.pair(pair[0], pair[1], STEP));
    System.out.printf("pair points: %d, in %d worlds%n", some.points(), some.cases());

    assertThat(some.failures()).isEmpty();
  }

  @Test
  void thereIsAnOperationForEverythingThatServersWrite() {
    Coverage coverage = new Coverage();
    CrashPoints all = new CrashPoints(coverage, false);
    Operations.all().forEach(all::writes);

    assertThat(missing(Coverage.legalMoves(), coverage.moves())).isEqualTo(NOT_MADE_YET);
    assertThat(missing(Coverage.entryKinds(), coverage.entries())).isEmpty();
    assertThat(missing(Coverage.declaredFields(), coverage.fields())).isEmpty();
  }

  private static Set<String> missing(Set<String> declared, Set<String> seen) {
    Set<String> missing = new TreeSet<>(declared);
    missing.removeAll(seen);
    return missing;
  }
}
