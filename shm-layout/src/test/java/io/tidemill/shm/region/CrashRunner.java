package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.ProcessView.Death;
import io.tidemill.shm.region.Scenario.Case;
import java.util.function.BiConsumer;

/**
 * Takes a scenario through every death: at each write of the operation, at each write of the
 * recovery after each of those, and with another process acting, or dying in turn, before each
 * write.
 */
final class CrashRunner {
  /**
   * Where a recovery of an index does not depend on where the operation died, so many are enough.
   */
  private static final int PRODUCT_MAX = 20_000;

  private final WriteSites sites;
  private int operationPoints;
  private int recoveryPoints;
  private long recoveryRuns;
  private long pairRuns;

  CrashRunner(WriteSites sites) {
    this.sites = sites;
  }

  void run(Scenario scenario) {
    try {
      runAll(scenario);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("scenario: " + scenario.name() + ": " + e.getMessage(), e);
    }
  }

  private void runAll(Scenario scenario) {
    int writes = measure(scenario);
    operationPoints += writes;
    int recovery = 0;
    for (int k = 0; k < writes; k++) {
      Case dead = died(scenario, k);
      dead.look(dead.memory);
      recovery = Math.max(recovery, settle(dead));
    }
    recoveryPoints += recovery;
    dieInRecovery(scenario, writes, recovery);
    if (scenario.hasRival()) {
      runPairs(scenario, Case::operate, Case::rival);
      runPairs(scenario, Case::rival, Case::operate);
    }
  }

  /** Undisturbed, with a look before each write; every write's place in the sources is noted. */
  private int measure(Scenario scenario) {
    Case whole = scenario.fresh().get();
    ProcessView view =
        new ProcessView(
            whole.memory,
            index -> {
              sites.note();
              whole.look(whole.memory);
            });
    whole.operate(view);
    whole.look(whole.memory);
    settle(whole);
    if (scenario.hasRival()) {
      Case other = scenario.fresh().get();
      other.rival(new ProcessView(other.memory, index -> sites.note()));
      settle(other);
    }
    return view.writes();
  }

  private Case died(Scenario scenario, int k) {
    Case dead = scenario.fresh().get();
    mustDie(dead::operate, ProcessView.dyingAt(dead.memory, k), k);
    return dead;
  }

  private static void mustDie(
      java.util.function.Consumer<Memory> work, ProcessView view, int write) {
    try {
      work.accept(view);
    } catch (Death expected) {
      return;
    }
    throw new AssertionError("there is no write of index " + write);
  }

  /** Answers how many writes the recovery made. */
  private int settle(Case left) {
    ProcessView view = new ProcessView(left.memory, index -> sites.note());
    left.recover(view);
    left.look(left.memory);
    left.check(left.memory);
    return view.writes();
  }

  private void dieInRecovery(Scenario scenario, int writes, int recovery) {
    int step = Math.max(1, writes * recovery / PRODUCT_MAX);
    for (int k = 0; k < writes; k += step) {
      for (int j = 0; ; j++) {
        Case twice = died(scenario, k);
        ProcessView view = ProcessView.dyingAt(twice.memory, j);
        boolean died = dies(twice::recover, view);
        if (!died) {
          break;
        }
        recoveryRuns++;
        twice.look(twice.memory);
        twice.recover(twice.memory);
        twice.look(twice.memory);
        twice.check(twice.memory);
      }
    }
  }

  private static boolean dies(java.util.function.Consumer<Memory> work, Memory view) {
    try {
      work.accept(view);
      return false;
    } catch (Death expected) {
      return true;
    }
  }

  /** The second acts before each write of the first, whole or dying at each of its own writes. */
  private void runPairs(
      Scenario scenario, BiConsumer<Case, Memory> first, BiConsumer<Case, Memory> second) {
    int writes = writesOf(scenario, first);
    int others = writesOf(scenario, second);
    for (int k = 0; k < writes; k++) {
      for (int j = 0; j <= others; j++) {
        meet(scenario, first, second, k, j, false);
        meet(scenario, first, second, k, j, true);
        pairRuns += 2;
      }
    }
  }

  private static int writesOf(Scenario scenario, BiConsumer<Case, Memory> work) {
    Case alone = scenario.fresh().get();
    ProcessView view = new ProcessView(alone.memory, index -> {});
    work.accept(alone, view);
    return view.writes();
  }

  private static void meet(
      Scenario scenario,
      BiConsumer<Case, Memory> first,
      BiConsumer<Case, Memory> second,
      int k,
      int j,
      boolean firstDies) {
    Case shared = scenario.fresh().get();
    HeapMemory memory = shared.memory;
    ProcessView view =
        new ProcessView(
            memory,
            index -> {
              if (index == k) {
                dies(by -> second.accept(shared, by), ProcessView.dyingAt(memory, j));
                shared.look(memory);
                if (firstDies) {
                  throw new Death();
                }
              }
            });
    dies(by -> first.accept(shared, by), view);
    shared.look(memory);
    shared.recover(memory);
    shared.look(memory);
    shared.check(memory);
  }

  int operationPoints() {
    return operationPoints;
  }

  int recoveryPoints() {
    return recoveryPoints;
  }

  long recoveryRuns() {
    return recoveryRuns;
  }

  long pairRuns() {
    return pairRuns;
  }
}
