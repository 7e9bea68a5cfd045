package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TenantTurnsTest {
  private static TenantTurns turns(int... weights) {
    return new TenantTurns(tenant -> weights[tenant]);
  }

  private static List<Long> serve(TenantTurns turns, int count) {
    List<Long> served = new ArrayList<>();
    for (int i = 0; i < count && turns.next() != TenantTurns.NONE; i++) {
      served.add(turns.next());
      turns.served();
    }
    return served;
  }

  @Test
  void goesBySubmissionAsLongAsAllHaveHadAlike() {
    TenantTurns turns = turns(1, 1, 1);
    turns.push(2, 5);
    turns.push(0, 3);
    turns.push(0, 4);
    turns.push(1, 7);
    turns.push(0, 1);
    assertThat(serve(turns, 9)).containsExactly(1L, 5L, 7L, 3L, 4L);
  }

  @Test
  void savesUpNothingForWhoHadNothing() {
    TenantTurns turns = turns(1, 1);
    for (long task = 1; task <= 1_000; task++) {
      turns.push(0, task);
    }
    serve(turns, 500);
    for (long task = 2_001; task <= 2_010; task++) {
      turns.push(1, task);
    }
    assertThat(serve(turns, 6)).containsExactly(2_001L, 501L, 2_002L, 502L, 2_003L, 503L);
  }

  @Test
  void takesNoTurnForWhatIsDropped() {
    TenantTurns turns = turns(1, 1);
    turns.push(0, 1);
    turns.push(0, 2);
    turns.push(1, 3);
    turns.drop();
    assertThat(serve(turns, 3)).containsExactly(2L, 3L);
    assertThat(turns.next()).isEqualTo(TenantTurns.NONE);
  }

  @Test
  void keepsTheTurnsWhenItsTasksComeAnew() {
    TenantTurns turns = turns(1, 1);
    for (long task = 1; task <= 4; task++) {
      turns.push(0, task);
    }
    turns.push(1, 10);
    assertThat(serve(turns, 1)).containsExactly(1L);
    turns.clear();
    turns.push(0, 2);
    turns.push(1, 10);
    turns.push(0, 3);
    assertThat(serve(turns, 3)).containsExactly(10L, 2L, 3L);
  }

  @Test
  void noticesATaskOfATenantThatShouldHaveGoneEarlier() {
    TenantTurns turns = turns(1);
    turns.push(0, 8);
    assertThat(turns.isLate(1, 2)).isFalse();
    turns.push(0, 9);
    turns.served();
    turns.push(0, 4);
    assertThat(turns.isLate(1, 3)).isTrue();
    assertThat(turns.isLate(3, 4)).isFalse();
  }

  @Test
  void forgetsATenantWithNothingWhoseNextTurnHasCome() {
    TenantTurns turns = new TenantTurns(tenant -> 1);
    for (int tenant = 1; tenant <= 1_000; tenant++) {
      turns.push(0, 2L * tenant);
      turns.push(0, 2L * tenant + 1);
      turns.push(tenant, 10_000L + tenant);
      serve(turns, 2);
      assertThat(turns.tenants()).isLessThanOrEqualTo(3);
    }
  }

  /** Who comes first each time is a tenant that was never there, so that time does not go on. */
  @Test
  void remembersOnlySoManyTenantsThatHadTheirTurn() {
    TenantTurns turns = new TenantTurns(tenant -> 1);
    turns.push(0, 1);
    turns.push(0, 2);
    serve(turns, 1);
    for (int tenant = 1; tenant <= 2 * TenantTurns.IDLE_MAX; tenant++) {
      turns.push(tenant, 10L + tenant);
      serve(turns, 1);
    }
    assertThat(turns.tenants()).isEqualTo(TenantTurns.IDLE_MAX + 1);
    assertThat(serve(turns, 9)).containsExactly(2L);
  }

  /** Between any two that always have something: never more apart than a step of each. */
  @RepeatedTest(5)
  void sharesOutByTheWeights(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int[] weights = random.ints(6, 1, 50).toArray();
    TenantTurns turns = turns(weights);
    long task = 0;
    long[] served = new long[weights.length];
    long[] owner = new long[400_000];
    for (int tenant = 0; tenant < weights.length; tenant++) {
      for (int i = 0; i < 3; i++) {
        owner[(int) ++task] = tenant;
        turns.push(tenant, task);
      }
    }
    for (int round = 0; round < 20_000; round++) {
      int tenant = (int) owner[(int) turns.next()];
      turns.served();
      served[tenant]++;
      owner[(int) ++task] = tenant;
      turns.push(tenant, task);
      int other = random.nextInt(weights.length);
      double apart =
          Math.abs(
              (double) served[tenant] / weights[tenant] - (double) served[other] / weights[other]);
      assertThat(apart)
          .as("served %s of %s", Arrays.toString(served), Arrays.toString(weights))
          .isLessThanOrEqualTo(1.0 / weights[tenant] + 1.0 / weights[other] + 1e-3);
    }
  }

  @Test
  void sortsAnyLongs() {
    Random random = new Random(3);
    LongHeap heap = new LongHeap();
    List<Long> expected = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      long value = random.nextInt(10) == 0 ? -random.nextInt(5) - 1 : random.nextInt(1_000);
      heap.push(value);
      expected.add(value);
      if (random.nextInt(3) == 0) {
        expected.sort(Long::compareUnsigned);
        assertThat(heap.pop()).isEqualTo(expected.remove(0));
      }
    }
    expected.sort(Long::compareUnsigned);
    for (long value : expected) {
      assertThat(heap.pop()).isEqualTo(value);
    }
    assertThat(heap.isEmpty()).isTrue();
  }
}
