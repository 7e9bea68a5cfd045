package io.tidemill.register;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.region.Control;
import io.tidemill.v1.Verdict;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;

/**
 * Group commit: what was promised to be on disk before it is told waits here, in order, while a
 * thread of its own forces the journal as often as the disk allows. A crash loses nothing but the
 * telling: slots stand at their ends, where the PLM finds them, and workers send again what they
 * have no verdict for.
 */
final class Committer {
  /** Told when everything before {@code position} is on disk. */
  private record Waiting(long position, Runnable telling) {}

  private final Instance instance;
  private final Guard guard;
  private final Journal journal;
  private final Signals signals;
  private final Condition changed;
  private final Thread thread;

  // Guarded.
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private boolean stopped;

  Committer(Instance instance, Guard guard, Journal journal, Signals signals) {
    this.instance = instance;
    this.guard = guard;
    this.journal = journal;
    this.signals = signals;
    this.changed = guard.newCondition();
    this.thread = new Thread(this::run, "committer");
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Guarded: a task ended, and its outcome was appended. */
  void endedUnforced(int slot, long taskId) {
    await(() -> signals.taskEnded(slot, taskId));
  }

  /** Guarded: verdicts that may be told when all that was appended so far is on disk. */
  void settleUnforced(HeartbeatStream stream, long through, List<Verdict> exceptions) {
    stream.addUnforcedVerdicts(1);
    await(
        () -> {
          stream.addUnforcedVerdicts(-1);
          stream.settle(through, exceptions);
        });
  }

  /** Guarded: what was appended so far is to be on the disk, though nobody is told. */
  void forceSoon() {
    await(() -> {});
  }

  /** Guarded: whether anything waits. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  private void await(Runnable telling) {
    waiting.add(new Waiting(journal.appendedThrough(), telling));
    changed.signal();
  }

  private void run() {
    try {
      while (awaitWork()) {
        commit();
      }
    } catch (Throwable broken) {
      Fatal.halt(instance, "the outcome journal cannot be forced to disk", broken);
    }
  }

  private boolean awaitWork() {
    boolean[] goOn = new boolean[1];
    guard.run(
        () -> {
          while (waiting.isEmpty() && !stopped) {
            changed.awaitUninterruptibly();
          }
          goOn[0] = !stopped;
        });
    return goOn[0];
  }

  /** Forces what was appended and tells what waited for that. Any thread, not guarded. */
  void commit() {
    journal.force();
    long forced = journal.forcedThrough();
    Control control = instance.control();
    guard.run(
        () -> {
          // Before the entries: whoever takes an ended slot looks whether its outcome is on disk.
          control.outcomesForced(forced);
          while (!waiting.isEmpty() && waiting.peek().position() <= forced) {
            waiting.remove().telling().run();
          }
        });
  }

  /** Ends the thread. What still waits is told by a last {@link #commit}. */
  void stop() {
    guard.run(
        () -> {
          stopped = true;
          changed.signal();
        });
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
