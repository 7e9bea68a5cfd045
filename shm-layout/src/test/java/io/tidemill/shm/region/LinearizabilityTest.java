package io.tidemill.shm.region;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tries interleavings of operations of two and three processes on each region (Lincheck). More of
 * them with -Dtidemill.lincheck.iterations=N, as system-tests/suites/concurrency.sh does.
 */
@Tag("exhaustive")
class LinearizabilityTest {
  private static final int ITERATIONS = Integer.getInteger("tidemill.lincheck.iterations", 2);
  private static final int INVOCATIONS = Integer.getInteger("tidemill.lincheck.invocations", 50);

  @ParameterizedTest
  @ValueSource(classes = {Models.OverflowModel.class, Models.SlotModel.class})
  void answersAsIfOneOperationCameAfterTheOther(Class<?> model) {
    check(model);
  }

  /** These take longer. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        Models.RingModel.class,
        Models.ControlModel.class,
        Models.TypesModel.class,
        Models.NotesModel.class,
        Models.LeasesModel.class,
        Models.WorkersModel.class,
        Models.MappingModel.class
      })
  @EnabledIfSystemProperty(named = "tidemill.lincheck.iterations", matches = "\\d+")
  void answersSoInTheOtherRegionsToo(Class<?> model) {
    check(model);
  }

  private static void check(Class<?> model) {
    long started = System.nanoTime();
    new ModelCheckingOptions()
        .iterations(ITERATIONS)
        .invocationsPerIteration(INVOCATIONS)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(2)
        .actorsAfter(2)
        .check(model);
    System.out.printf(
        "linearizable: %s, %d scenarios of %d interleavings, %d ms%n",
        model.getSimpleName(), ITERATIONS, INVOCATIONS, (System.nanoTime() - started) / 1_000_000);
  }
}
