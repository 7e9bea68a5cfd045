package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.scheduler.StealPolicy.Plan;
import io.tidemill.scheduler.StealPolicy.Refusal;
import org.junit.jupiter.api.Test;

class StealPolicyTest {
  private final StealPolicy policy = new StealPolicy(2, 3, 0.9);

  /** In flight, capacity, thousandths of a core of each worker. */
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
      public float cpu(int row) {
        return workers[row][2] / 1_000f;
      }

      @Override
      public String neighbourhood(int row) {
        return workers[row].length > 3 ? "zone " + workers[row][3] : "";
      }
    };
  }

  private static int[] worker(int inFlight, int capacity, int cpuMilli) {
    return new int[] {inFlight, capacity, cpuMilli};
  }

  @Test
  void takesHalfOfWhatWaitsUpToABatchFromWhereMostWaits() {
    Plan plan = policy.plan(hands(worker(8, 4, 0), worker(14, 4, 0), worker(0, 4, 0)));
    assertThat(plan).isEqualTo(new Plan(2, 1, 3));
    assertThat(policy.plan(hands(worker(3, 1, 0), worker(0, 4, 0)))).isEqualTo(new Plan(1, 0, 1));
    assertThat(policy.plan(hands(worker(9, 1, 0), worker(3, 4, 0)))).isEqualTo(new Plan(1, 0, 1));
  }

  @Test
  void takesNothingWhereOneWaitsOrNobodyIsFree() {
    assertThat(policy.plan(hands(worker(5, 4, 0), worker(0, 4, 0)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_WAITS);
    assertThat(policy.plan(hands(worker(9, 4, 0), worker(4, 4, 0)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_IS_FREE);
  }

  @Test
  void givesNothingToAWorkerWhoseProcessorIsBusy() {
    assertThat(policy.plan(hands(worker(9, 4, 0), worker(0, 2, 1_900)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_BUSY);
    assertThat(policy.plan(hands(worker(9, 4, 0), worker(0, 2, 1_700)))).isNotNull();
  }

  private static int[] worker(int inFlight, int capacity, int cpuMilli, int zone) {
    return new int[] {inFlight, capacity, cpuMilli, zone};
  }

  @Test
  void takesOnlyFromTheSameNeighbourhood() {
    int[] fullest = worker(20, 4, 0, 1);
    int[] free = worker(0, 4, 0, 2);
    assertThat(policy.plan(hands(fullest, free))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.TOO_FAR);
    assertThat(policy.plan(hands(fullest, free, worker(8, 4, 0, 2)))).isEqualTo(new Plan(1, 2, 2));
    assertThat(policy.plan(hands(fullest, worker(4, 4, 0, 2)))).isNull();
    assertThat(policy.refusal()).isEqualTo(Refusal.NOBODY_IS_FREE);
  }

  @Test
  void leavesAloneWhoCannotBeReached() {
    assertThat(policy.plan(hands(worker(9, 4, -1), worker(0, 4, 0)))).isNull();
    assertThat(policy.plan(hands(worker(9, 4, 0), worker(0, 4, -1)))).isNull();
  }
}
