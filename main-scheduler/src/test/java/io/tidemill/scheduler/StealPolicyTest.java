package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.scheduler.StealPolicy.Plan;
import io.tidemill.scheduler.StealPolicy.Refusal;
import org.junit.jupiter.api.Test;

class StealPolicyTest {
  private final StealPolicy policy = new StealPolicy(2, 3, 0.9);

  /** In flight, capacity, thousandths of a core of each worker; its zone, and the lanes it runs. */
  private static StealPolicy.Hands hands(int[]... workers) {
    return new StealPolicy.Hands() {
      @Override
      public int count() {
        return workers.length;
      }

      @Override
      public int rowAt(int place) {
        return workers.length - 1 - place;
      }

      @Override
      public int inFlight(int row) {
        return workers[row][0];
      }

      @Override
      public int capacity(int row) {
        return workers[row][1];
      }

      @Override
      public boolean isReachable(int row) {
        return workers[row][2] >= 0;
      }

      @Override
      public boolean handles(int row, int lane) {
        return workers[row].length < 5 || (workers[row][4] >> lane & 1) != 0;
      }

      @Override
      public float cpu(int row) {
        return workers[row][2] / 1_000f;
      }

      @Override
      public String neighbourhood(int row) {
        return workers[row].length > 3 ? "zone " + workers[row][3] : "";
      }
    };
  }

  /** What comes of a look if everybody's waiting tasks are of lane 0. */
  private Plan plan(StealPolicy.Hands hands) {
    return plan(hands, new int[hands.count()]);
  }

  /** The same with the lane of each worker's waiting tasks. */
  private Plan plan(StealPolicy.Hands hands, int... lanes) {
    if (!policy.look(hands)) {
      return null;
    }
    for (int row = 0; row < lanes.length; row++) {
      if (policy.wants(row, lanes[row])) {
        policy.take(row, lanes[row]);
      }
    }
    return policy.plan();
  }

  private static int[] worker(int inFlight, int capacity, int cpuMilli) {
    return new int[] {inFlight, capacity, cpuMilli};
  }

  @Test
  void takesHalfOfWhatWaitsUpToABatchFromWhereMostWaits() {
    Plan plan = plan(hands(worker(8, 4, 0), worker(14, 4, 0), worker(0, 4, 0)));
    assertThat(plan).isEqualTo(new Plan(2, 1, 3));
    assertThat(plan(hands(worker(3, 1, 0), worker(0, 4, 0)))).isEqualTo(new Plan(1, 0, 1));
    assertThat(plan(hands(worker(9, 1, 0), worker(3, 4, 0)))).isEqualTo(new Plan(1, 0, 1));
  }

  @Test
  void takesNothingWhereOneWaitsOrNobodyIsFree() {
    assertThat(plan(hands(worker(5, 4, 0), worker(0, 4, 0)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_WAITS);
    assertThat(plan(hands(worker(9, 4, 0), worker(4, 4, 0)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_IS_FREE);
  }

  @Test
  void givesNothingToAWorkerWhoseProcessorIsBusy() {
    assertThat(plan(hands(worker(9, 4, 0), worker(0, 2, 1_900)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_BUSY);
    assertThat(plan(hands(worker(9, 4, 0), worker(0, 2, 1_700)))).isNotNull();
  }

  private static int[] worker(int inFlight, int capacity, int cpuMilli, int zone) {
    return new int[] {inFlight, capacity, cpuMilli, zone};
  }

  @Test
  void takesOnlyFromTheSameNeighbourhood() {
    int[] fullest = worker(20, 4, 0, 1);
    int[] free = worker(0, 4, 0, 2);
    assertThat(plan(hands(fullest, free))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_FAR);
    assertThat(plan(hands(fullest, free, worker(8, 4, 0, 2)))).isEqualTo(new Plan(1, 2, 2));
    assertThat(plan(hands(fullest, worker(4, 4, 0, 2)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_IS_FREE);
  }

  @Test
  void leavesAloneWhoCannotBeReached() {
    assertThat(plan(hands(worker(9, 4, -1), worker(0, 4, 0)))).isNull();
    assertThat(plan(hands(worker(9, 4, 0), worker(0, 4, -1)))).isNull();
  }

  /** One that may run so many lanes of the first ones; in one zone. */
  private static int[] runs(int lanes, int inFlight, int capacity) {
    return new int[] {inFlight, capacity, 0, 0, lanes};
  }

  @Test
  void passesOverWhoCanRunNothingOfWhatWaits() {
    int[] full = runs(1, 9, 1);
    assertThat(plan(hands(full, runs(2, 0, 8), runs(1, 0, 4)))).isEqualTo(new Plan(2, 0, 3));
    assertThat(plan(hands(full, runs(2, 0, 8)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOTHING_FITS);
    // The freest of those that may is asked for.
    assertThat(plan(hands(full, runs(1, 0, 2), runs(2, 0, 8), runs(3, 0, 4))))
        .isEqualTo(new Plan(3, 0, 3));
  }

  @Test
  void takesFromTheFullestThatCanBeHelped() {
    StealPolicy.Hands hands = hands(runs(1, 9, 1), runs(2, 20, 1), runs(1, 5, 1), runs(1, 0, 4));
    assertThat(plan(hands, 0, 1, 0, 0)).isEqualTo(new Plan(3, 0, 3));
    assertThat(plan(hands, 0, 0, 0, 0)).isEqualTo(new Plan(3, 1, 3));
  }

  @Test
  void saysWhyThoseThatCouldHelpDoNot() {
    int[] full = runs(1, 9, 1);
    int[] useless = runs(2, 0, 8);
    int[] busy = {0, 2, 1_900, 0, 1};
    int[] far = {0, 2, 0, 1, 1};
    assertThat(plan(hands(full, useless, busy, far))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_BUSY);
    assertThat(plan(hands(full, useless, far))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_FAR);
    int[] busyAndUseless = {0, 2, 1_900, 0, 2};
    assertThat(plan(hands(full, useless, busyAndUseless))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOTHING_FITS);
  }

  @Test
  void looksAtTheWorkersOnceForEachLane() {
    StealPolicy.Hands hands = hands(runs(1, 9, 1), runs(2, 0, 8), runs(2, 0, 8));
    policy.look(hands);
    for (int i = 0; i < 100; i++) {
      assertThat(policy.wants(0, 0)).isFalse();
    }
    assertThat(policy.looks()).isEqualTo(2);
  }
}
