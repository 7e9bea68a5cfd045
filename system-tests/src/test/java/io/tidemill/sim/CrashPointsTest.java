package io.tidemill.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
  /**
   * Of two crashes, and of two servers, one in so many points is tried; the long form says how
   * many.
   */
  private static final int STEP = Integer.getInteger("tidemill.crash.step", 97);

  private static final boolean THOROUGH = System.getProperty("tidemill.crash.step") != null;

  /** The short form tries one pair of so many. */
  private static final int SHORT_PAIRS = 7;

  @Test
  void everyOperationSurvivesACrashAtEachOfItsWrites() {
    CrashPoints all = new CrashPoints(Observer.NOBODY, THOROUGH);
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
    CrashPoints some = new CrashPoints(Observer.NOBODY, THOROUGH);
    Operations.all().forEach(operation -> some.twice(operation, STEP));
    System.out.printf("double crash points: %d%n", some.points());

    assertThat(some.failures()).isEmpty();
  }

  /** In the long form at every point; here at some of each pair. */
  @Test
  void aServerMayStopInTheMiddleWhileAnotherDoesSomething() {
    CrashPoints some = new CrashPoints(Observer.NOBODY, THOROUGH);
    List<Operation[]> pairs = Operations.pairs();
    for (int i = 0; i < pairs.size(); i += THOROUGH ? 1 : SHORT_PAIRS) {
      some.pair(pairs.get(i)[0], pairs.get(i)[1], STEP);
    }
    System.out.printf("pair points: %d, in %d worlds%n", some.points(), some.cases());

    assertThat(some.failures()).isEmpty();
  }

  @Test
  void thereIsAnOperationForEverythingThatServersWrite() {
    Coverage coverage = new Coverage();
    CrashPoints all = new CrashPoints(coverage, THOROUGH);
    Operations.all().forEach(all::writes);

    assertThat(missing(Coverage.legalMoves(), coverage.moves())).isEmpty();
    assertThat(missing(Coverage.entryKinds(), coverage.entries())).isEmpty();
    assertThat(missing(Coverage.declaredFields(), coverage.fields())).isEmpty();
  }

  private static Set<String> missing(Set<String> declared, Set<String> seen) {
    Set<String> missing = new TreeSet<>(declared);
    missing.removeAll(seen);
    return missing;
  }
}
