package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.config.Key;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementPolicyTest {
  private final Fleet fleet = new Fleet();

  @ParameterizedTest
  @ValueSource(strings = {"least-loaded", "power-of-two", "measured-speed", "packing"})
  void fillsEveryWindowAndNoneBeyond(String name) {
    PlacementPolicy policy = PlacementPolicy.of(name);
    int[] windows = {3, 1, 7};
    for (int window : windows) {
      fleet.add(2, window);
    }
    for (int i = 0; i < 11; i++) {
      assertThat(fleet.place(policy)).isNotEqualTo(PlacementPolicy.NOBODY);
    }
    assertThat(fleet.place(policy)).isEqualTo(PlacementPolicy.NOBODY);
    assertThat(fleet.inFlight()).containsExactly(windows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"least-loaded", "power-of-two", "measured-speed", "packing"})
  void findsTheOneThatTakesAmongManyThatDoNot(String name) {
    PlacementPolicy policy = PlacementPolicy.of(name);
    assertThat(policy.place(0, fleet)).as("no worker").isEqualTo(PlacementPolicy.NOBODY);
    for (int i = 0; i < 500; i++) {
      fleet.add(1, 10);
      fleet.away(i);
    }
    int only = fleet.add(1, 10);
    fleet.holding(only, 9);
    assertThat(policy.place(0, fleet)).isEqualTo(only);
    assertThat(policy.place(1, fleet)).as("unknown type").isEqualTo(PlacementPolicy.NOBODY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"least-loaded", "power-of-two", "measured-speed", "packing"})
  void isASettingThatMayBeMade(String name) {
    assertThat(Key.PLACEMENT_POLICY.text()).contains('`' + name + '`');
    assertThat(PlacementPolicy.of(name)).isNotNull();
  }

  @Test
  void refusesAPolicyThatThereIsNot() {
    assertThatThrownBy(() -> PlacementPolicy.of("best")).hasMessageContaining("name=best");
  }

  @Test
  void leastLoadedGoesByTheWindow() {
    fleet.add(1, 10);
    fleet.add(1, 30);
    fleet.holding(0, 2).holding(1, 5);
    assertThat(fleet.place(new LeastLoaded())).isEqualTo(1);
  }

  @Test
  void leastLoadedSendsAheadInRunsOnceAllAreBusy() {
    fleet.add(1, 21);
    fleet.add(1, 21);
    PlacementPolicy policy = new LeastLoaded();
    assertThat(fleet.place(policy)).isNotEqualTo(fleet.place(policy));
    int first = fleet.place(policy);
    for (int i = 1; i < 10; i++) {
      assertThat(fleet.place(policy)).as("half of the room for 20").isEqualTo(first);
    }
    assertThat(fleet.place(policy)).isEqualTo(1 - first);
    fleet.holding(first, 0);
    assertThat(fleet.place(policy)).as("somebody has a hand free").isEqualTo(first);
  }

  @Test
  void leastLoadedBeginsNoRunAtAWorkerThatHasAHandFree() {
    int busy = fleet.add(1, 1_000);
    int one = fleet.add(2, 40);
    int other = fleet.add(2, 40);
    fleet.holding(busy, 1).holding(one, 1).holding(other, 1).away(busy);
    PlacementPolicy policy = new LeastLoaded();
    assertThat(fleet.place(policy) + fleet.place(policy)).as("one each").isEqualTo(one + other);
  }

  @Test
  void leastLoadedEndsARunWhereItsWorkerTakesNoMore() {
    fleet.add(1, 100);
    fleet.add(1, 100);
    fleet.holding(0, 1).holding(1, 2);
    PlacementPolicy policy = new LeastLoaded();
    for (int i = 0; i < 16; i++) {
      assertThat(fleet.place(policy)).isZero();
    }
    assertThat(fleet.place(policy)).as("16 at most").isEqualTo(1);
    assertThat(fleet.away(1).place(policy)).isZero();
  }

  @Test
  void powerOfTwoIsNearlyEvenAndAvoidsTheLoaded() {
    for (int i = 0; i < 50; i++) {
      fleet.add(1, 1_000);
    }
    fleet.holding(0, 500);
    PlacementPolicy policy = new PowerOfTwo();
    for (int i = 0; i < 49 * 40; i++) {
      fleet.place(policy);
    }
    int[] others = Arrays.copyOfRange(fleet.inFlight(), 1, 50);
    assertThat(Arrays.stream(others).max().orElseThrow()).isLessThanOrEqualTo(44);
    assertThat(fleet.inFlight(0)).as("drawn twice now and then").isLessThan(510);
  }

  @Test
  void measuredSpeedFillsTheFastBeforeTheSlowAndThenByTheTimeUntilDone() {
    int slow = fleet.add(2, 100);
    int fast = fleet.add(2, 100);
    fleet.measured(slow, 10_000).measured(fast, 1_000);
    PlacementPolicy policy = new MeasuredSpeed();
    for (int i = 0; i < 19; i++) {
      assertThat(fleet.place(policy)).as("task %d", i).isEqualTo(fast);
    }
    assertThat(fleet.place(policy)).as("it would be the 10th round there").isEqualTo(slow);
  }

  @Test
  void measuredSpeedTriesWhoWasNotMeasuredAndSpreadsAmongEquals() {
    int known = fleet.add(1, 100);
    fleet.add(1, 100);
    fleet.add(1, 100);
    fleet.measured(known, 500);
    PlacementPolicy policy = new MeasuredSpeed();
    for (int i = 0; i < 9; i++) {
      fleet.place(policy);
    }
    assertThat(fleet.inFlight()).containsExactly(3, 3, 3);
  }

  @Test
  void measuredSpeedGivesTheSlowAChanceNowAndThen() {
    int slow = fleet.add(1, 1_000_000);
    int fast = fleet.add(1_000, 1_000_000);
    fleet.measured(slow, 1_000_000).measured(fast, 1);
    PlacementPolicy policy = new MeasuredSpeed();
    fleet.holding(fast, 1);
    int tried = 0;
    for (int i = 0; i < 10 * MeasuredSpeed.TRY_EVERY; i++) {
      tried += policy.place(0, fleet) == slow ? 1 : 0;
    }
    assertThat(tried).isEqualTo(10);
  }

  @Test
  void packingFillsIdlePlacesOfTheFullestFirstAndLeavesTheRestEmpty() {
    fleet.add(4, 8);
    fleet.add(4, 8);
    fleet.add(4, 8);
    fleet.holding(1, 2);
    PlacementPolicy policy = new Packing();
    for (int i = 0; i < 6; i++) {
      fleet.place(policy);
    }
    assertThat(fleet.inFlight()).containsExactly(4, 4, 0);
  }

  @Test
  void packingLetsNothingWaitWhileAPlaceIsIdle() {
    fleet.add(2, 4);
    fleet.add(2, 4);
    fleet.holding(0, 2);
    PlacementPolicy policy = new Packing();
    assertThat(fleet.place(policy)).isEqualTo(1);
    assertThat(fleet.place(policy)).isEqualTo(1);
    fleet.place(policy);
    fleet.place(policy);
    assertThat(fleet.inFlight()).as("spread when nobody is idle").containsExactly(3, 3);
  }

  @Test
  void packingForgetsAWorkerThatIsGone() {
    fleet.add(4, 8);
    fleet.add(4, 8);
    PlacementPolicy policy = new Packing();
    assertThat(fleet.place(policy)).isEqualTo(0);
    fleet.away(0);
    assertThat(fleet.place(policy)).isEqualTo(1);
  }
}
