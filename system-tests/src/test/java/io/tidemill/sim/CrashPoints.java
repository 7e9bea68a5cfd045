package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * Stops an operation at its k-th write, for every k, lets the next incarnation take over and all go
 * on until everything is done, and checks the promises.
 */
final class CrashPoints {
  /** Of one operation. */
  private static final int FAILURES_SHOWN = 3;

  private final Observer observer;
  private final boolean thorough;
  private final List<String> failures = new ArrayList<>();
  private int shown;
  private long points;
  private long cases;

  /**
   * @param thorough at each point both with what the dying server has just sent lost, and with it
   *     delivered; else one of them in turn
   */
  CrashPoints(Observer observer, boolean thorough) {
    this.observer = observer;
    this.thorough = thorough;
  }

  List<String> failures() {
    return failures;
  }

  /** Write points at which operations were stopped. */
  long points() {
    return points;
  }

  /** Worlds that were played to their end. */
  long cases() {
    return cases;
  }

  /** How many writes an operation has, if nothing stops it. */
  long writes(Operation operation) {
    shown = 0;
    Run run = new Run(operation);
    run.victim(SimProcess::count);
    run.operate();
    long writes = run.victim.writes();
    run.finish(operation + ", not stopped");
    if (writes == 0) {
      fail(operation + " writes nothing: it is none");
    }
    return writes;
  }

  /** One crash, at every point. Answers how many points there are. */
  long single(Operation operation) {
    long writes = writes(operation);
    for (long k = 1; k <= writes; k++) {
      if (thorough) {
        single(operation, k, true);
        single(operation, k, false);
      } else {
        single(operation, k, k % 2 == 0);
      }
    }
    points += writes;
    return writes;
  }

  private void single(Operation operation, long k, boolean lossy) {
    Run run = crashed(operation, k, lossy);
    run.finish(operation + ", killed at write " + k + (lossy ? ", lossy" : ""));
  }

  /** A crash, and another in the recovery from it, at every {@code step}-th point of both. */
  long twice(Operation operation, int step) {
    long writes = writes(operation);
    long done = 0;
    for (long k = 1; k <= writes; k += step) {
      Run counted = crashed(operation, k, false);
      long recovery = counted.countRecovery();
      for (long k2 = 1 + k % step; k2 <= recovery; k2 += step) {
        Run run = crashed(operation, k, false);
        run.recover(k2);
        run.finish(operation + ", killed at write " + k + ", recovery killed at write " + k2);
        done++;
      }
    }
    points += done;
    return done;
  }

  /**
   * At each {@code step}-th write of one operation another server does a whole operation of its
   * own; then the first one goes on, or is dead.
   */
  long pair(Operation first, Operation second, int step) {
    shown = 0;
    Run counted = new Run(first, second);
    counted.victim(SimProcess::count);
    counted.operate();
    long writes = counted.victim.writes();
    long done = 0;
    for (long k = 1; k <= writes; k += step) {
      for (boolean dies : new boolean[] {false, true}) {
        Run run = new Run(first, second);
        run.interrupted(k, second, dies);
        run.operate();
        run.finish(
            first + ", at write " + k + " meanwhile " + second + (dies ? ", then killed" : ""));
      }
      done++;
    }
    points += done;
    return done;
  }

  private Run crashed(Operation operation, long k, boolean lossy) {
    Run run = new Run(operation);
    run.stage.world.lossy(lossy);
    run.victim(process -> process.dieAt(k));
    run.operate();
    if (run.victim.isAlive()) {
      fail(operation + " has no write " + k + " this time: it cannot be repeated");
    }
    return run;
  }

  private void fail(String what) {
    if (shown++ < FAILURES_SHOWN) {
      failures.add(what);
    }
  }

  /** One world. */
  private final class Run {
    private final Operation operation;
    private final Stage stage = new Stage(observer);
    private SimProcess victim;

    Run(Operation operation, Operation... others) {
      this.operation = operation;
      operation.prepare().accept(stage);
      for (Operation other : others) {
        other.prepare().accept(stage);
      }
    }

    /** Arms whom the operation is done by. */
    void victim(java.util.function.Consumer<SimProcess> arm) {
      if (operation.starts()) {
        onNextStart(
            operation.role(),
            process -> {
              victim = process;
              arm.accept(process);
            });
      } else {
        victim = stage.world.process(operation.role());
        arm.accept(victim);
      }
    }

    private void onNextStart(Role role, java.util.function.Consumer<SimProcess> then) {
      stage.world.onStart(
          process -> {
            if (process.role() == role) {
              stage.world.onStart(later -> {});
              then.accept(process);
            }
          });
    }

    void interrupted(long k, Operation by, boolean dies) {
      victim(
          process ->
              process.stopAt(
                  k,
                  () -> {
                    by.run().accept(stage);
                    if (dies) {
                      process.kill();
                    }
                  }));
    }

    void operate() {
      operation.run().accept(stage);
    }

    /** Writes until the next incarnation serves and has turned once. */
    long countRecovery() {
      onNextStart(operation.role(), SimProcess::count);
      stage.world.start(operation.role());
      stage.world.turn(operation.role());
      SimProcess next = stage.world.process(operation.role());
      return next == null ? 0 : next.writes();
    }

    void recover(long k2) {
      onNextStart(operation.role(), process -> process.dieAt(k2));
      stage.world.start(operation.role());
      stage.world.turn(operation.role());
    }

    void finish(String what) {
      cases++;
      stage.world.rest();
      List<String> wrong = Checks.wrongIn(stage.world);
      if (!wrong.isEmpty()) {
        fail(what + ": " + wrong);
      }
    }
  }
}
