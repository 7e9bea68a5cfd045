package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.system.kills.Storm.Victim;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short form of the storm: each kind of process is killed under load, some are paused, and the
 * history of what all saw keeps every promise. {@code system-tests/suites/kills.sh} is the long
 * one.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class StormTest {
  private static final int RATE = 40;

  /** The most that each does with the least time. */
  private static final List<Victim> VICTIMS =
      List.of(
          Victim.PLM,
          Victim.REGISTER,
          Victim.WORKER,
          Victim.SCHEDULER,
          Victim.CLIENT,
          Victim.PAUSE,
          Victim.SUPERVISOR,
          Victim.ALL,
          Victim.RECOVERY);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void losesAndDoublesNothingAndTellsEveryoneWhoeverIsKilled() throws Exception {
    long seed = ThreadLocalRandom.current().nextInt(1 << 20);
    System.out.println("storm: seed=" + seed);
    try (Storm storm = new Storm(temp.resolve("storm"), seed, RATE)) {
      for (Victim victim : VICTIMS) {
        long millis = storm.strike(victim);
        System.out.println("storm: victim=" + victim + " went_on_after_ms=" + millis);
      }
      Storm.Verdict verdict = storm.judge();
      assertThat(verdict.violations()).as("seed %s", seed).isEmpty();
      assertThat(verdict.tasks()).isGreaterThan(VICTIMS.size());
    }
  }
}
