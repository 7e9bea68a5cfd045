package io.tidemill.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random lives against the promises. A seed that fails is printed, and fails again. */
@Tag("exhaustive")
class ModelTest {
  private static final int RUNS = Integer.getInteger("tidemill.model.runs", 100);
  private static final long SEED = Long.getLong("tidemill.model.seed", System.nanoTime());
  private static final long MINUTES = Long.getLong("tidemill.model.minutes", 0);

  /** The same in each run of the tests. */
  private static final int FIXED_SEEDS = 100;

  private static final int FAILURES_SHOWN = 5;

  @Test
  void noLifeBreaksAPromise() {
    List<String> failures = new ArrayList<>();
    long began = System.nanoTime();
    long lives = 0;
    for (int seed = 0; seed < FIXED_SEEDS; seed++) {
      live(seed, failures);
      lives++;
    }
    for (long i = 0; failures.size() < FAILURES_SHOWN && isWanted(i, began); i++) {
      live(SEED + i, failures);
      lives++;
    }
    System.out.printf(
        "model: lives=%d seeds=0..%d and from %d broken=%d%n",
        lives, FIXED_SEEDS - 1, SEED, failures.size());

    assertThat(failures).isEmpty();
  }

  private static boolean isWanted(long done, long began) {
    return MINUTES > 0 ? System.nanoTime() - began < MINUTES * 60_000_000_000L : done < RUNS;
  }

  private static void live(long seed, List<String> failures) {
    RandomLife life = new RandomLife(seed);
    List<String> wrong = life.live();
    if (!wrong.isEmpty() && failures.size() < FAILURES_SHOWN) {
      failures.add("seed=" + seed + ": " + wrong + "\n    after: " + life.story());
    }
  }

  @Test
  void aSeedReplaysExactly() {
    for (long seed = SEED; seed < SEED + 5; seed++) {
      RandomLife one = new RandomLife(seed);
      RandomLife other = new RandomLife(seed);
      one.live();
      other.live();
      assertThat(other.trace()).as("seed=%d", seed).isEqualTo(one.trace());
    }
  }
}
