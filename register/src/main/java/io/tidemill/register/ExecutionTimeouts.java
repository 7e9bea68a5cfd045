package io.tidemill.register;

import io.tidemill.register.Overruns.Overrun;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.v1.CancelOrder;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds attempts that run longer than they may, whether their workers beat or not, and tells the
 * worker to stop: the attempt has failed then, with the worker's report ({@link Reports}). Of a
 * worker that does not do so, the Main Scheduler takes the lease back, as if the worker were lost.
 *
 * <p>An attempt's time begins with its start, which workers tell of those that run for long. One
 * whose start was not told may still wait in its worker, behind others: its time begins with its
 * assignment, or with what its worker last reported, but no later than ten times its timeout after
 * the assignment.
 */
final class ExecutionTimeouts {
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** For the worker to connect, if we have just started, to stop the handler and to report. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int FOUND_MAX = 4_096;
  private static final int WAITS_MAX = 10;
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionTimeouts.class);

  private final Control control;
  private final TaskTable tasks;
  private final Mapping mapping;
  private final WorkerHeap heap;
  private final Guard guard;
  private final Workers workers;
  private final Overruns overruns;
  private final Signals signals;
  private final int[] foundSlots = new int[FOUND_MAX];
  private final long[] foundWords = new long[FOUND_MAX];
  private int found;
  private long nextLook;

  ExecutionTimeouts(
      Instance instance, Guard guard, Workers workers, Overruns overruns, Signals signals) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.heap = instance.regions().workerHeap();
    this.guard = guard;
    this.workers = workers;
    this.overruns = overruns;
    this.signals = signals;
  }

  /** By the agent, not guarded: the scan reads shared memory only. */
  void turn(long now) {
    if (now - nextLook < 0) {
      return;
    }
    nextLook = now + PERIOD_NANOS;
    found = 0;
    if (isAnythingLeased()) {
      mapping.forEach(control.slotsUsed(), (slot, worker, lease) -> look(slot, now));
    }
    if (found > 0 || !overruns.isEmpty()) {
      guard.run(() -> tell(now));
    }
  }

  long dueNanos(long now) {
    return isAnythingLeased() ? Math.max(0, nextLook - now) : Long.MAX_VALUE;
  }

  private boolean isAnythingLeased() {
    for (int row = 0; row < heap.capacity(); row++) {
      if (heap.inFlight(row) > 0) {
        return true;
      }
    }
    return false;
  }

  private void look(int slot, long now) {
    long word = tasks.word(slot);
    if (found < FOUND_MAX && StateWord.state(word).isLeased() && isOver(slot, word, null, now)) {
      foundSlots[found] = slot;
      foundWords[found++] = word;
    }
  }

  private boolean isOver(int slot, long word, Worker worker, long now) {
    long timeout = TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(tasks.timeoutMs(slot)));
    return timeout > 0 && now - begin(slot, word, worker, timeout) > timeout;
  }

  private long begin(int slot, long word, Worker worker, long timeout) {
    long assigned = tasks.assignedNanos(slot);
    if (StateWord.state(word) == TaskState.RUNNING && tasks.isStartKnown(slot)) {
      return tasks.startedNanos(slot);
    }
    long news = worker == null ? assigned : worker.newsNanos();
    long waited = Math.max(0, Math.min(news - assigned, (WAITS_MAX - 1) * timeout));
    return assigned + waited;
  }

  private void tell(long now) {
    for (int i = 0; i < found; i++) {
      int slot = foundSlots[i];
      long word = foundWords[i];
      Worker worker = workers.byRow(StateWord.worker(word));
      if (worker != null && tasks.word(slot) == word && isOver(slot, word, worker, now)) {
        tell(worker, slot, TaskId.lease(control.epoch(), StateWord.lease(word)), now);
      }
    }
    overruns.turn();
  }

  private void tell(Worker worker, int slot, long lease, long now) {
    long taskId = tasks.id(slot);
    Overrun overrun = overruns.found(taskId, lease, now);
    if (overrun.sinceNanos == now) {
      LOG.info(
          "execution timeout over: task={} worker={} timeout_ms={}",
          Long.toHexString(taskId),
          worker.id(),
          tasks.timeoutMs(slot));
    }
    if (now - overrun.sinceNanos >= GRACE_NANOS) {
      // Every round, until the lease is taken back: the Main Scheduler may have died with the
      // entry.
      signals.taskOverrun(slot, lease);
    } else if (!overrun.told && worker.stream() != null) {
      overrun.told = true;
      worker.stream().cancel(order(slot, lease));
    }
  }

  private CancelOrder order(int slot, long lease) {
    return CancelOrder.newBuilder()
        .setTaskId(tasks.id(slot))
        .setLease(lease)
        .setReason(text(tasks.timeoutMs(slot)))
        .build();
  }

  /** The error of an attempt that took too long. */
  static String text(int timeoutMillis) {
    return "its execution timeout is over: ms=" + Integer.toUnsignedString(timeoutMillis);
  }
}
