package io.tidemill.plm;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.WakeUp;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Plays the Main Scheduler and the Register on the mapped files of an instance: assigns ready tasks
 * to worker row 0, records outcomes in the journal, ends the slots and tells the PLM. Either step
 * by step or on a thread of its own.
 */
final class FakeCluster implements AutoCloseable {
  private static final int SLOT_LIMIT = 4_096;

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Ring ready;
  private final Ring toPlm;
  private final Ring cancels;
  private final WakeUp plm;
  private final Journal journal;
  private final OutcomeEncoder encoder = new OutcomeEncoder();
  private final LongRing waiting = new LongRing();
  private volatile int resultBytes;
  private volatile boolean stopped;
  private Thread thread;

  FakeCluster(Instance instance) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    Rings rings = instance.regions().rings();
    this.ready = rings.plmToScheduler();
    this.toPlm = rings.registerToPlm();
    this.cancels = rings.plmToRegister();
    this.plm = instance.regions().wakeUp(Role.PLM);
    this.journal = Journals.write(instance.dir().outcomes(), instance.settings(), 0);
  }

  /** Takes what the PLM has announced into the waiting order. */
  private void look() {
    if (ready.isOverflown()) {
      ready.clearOverflow();
      waiting.clear();
      ready.drain((event, sequence) -> {}, Integer.MAX_VALUE);
      for (int slot = 0; slot < tasks.capacity(); slot++) {
        noteReady(slot);
      }
    }
    ready.drain((event, sequence) -> noteReady(Rings.index(event)), SLOT_LIMIT);
  }

  private void noteReady(int slot) {
    long word = tasks.word(slot);
    if (StateWord.state(word) == TaskState.WAITING && terms.pending(slot) == 0) {
      tasks.promote(slot, word);
    }
    if (StateWord.state(tasks.word(slot)) == TaskState.READY) {
      waiting.add(tasks.id(slot));
    }
  }

  /** Assigns and ends up to so many ready tasks with their ids as results; answers how many. */
  synchronized int endSome(int limit) {
    look();
    int count = Math.min(limit, waiting.size());
    for (int i = 0; i < count; i++) {
      byte[] result = Arrays.copyOf(resultOf(waiting.get(i)), Math.max(16, resultBytes));
      if (StateWord.state(tasks.word(TaskId.slot(waiting.get(i)))) != TaskState.READY
          || tasks.wordOf(waiting.get(i)) == -1) {
        continue; // noted twice
      }
      end(
          waiting.get(i),
          TaskState.SUCCEEDED,
          resultBytes == 0 ? resultOf(waiting.get(i)) : result);
    }
    waiting.removeFirst(count);
    if (count > 0) {
      plm.wake();
    }
    return count;
  }

  /** Results are so long from now on; 0: as long as the id is. */
  void resultBytes(int bytes) {
    resultBytes = bytes;
  }

  static byte[] resultOf(long id) {
    return Long.toHexString(id).getBytes(StandardCharsets.US_ASCII);
  }

  /** Assigns one task; answers the lease token. */
  synchronized long assign(long id) {
    int slot = TaskId.slot(id);
    long word = tasks.assign(slot, tasks.wordOf(id), 0);
    tasks.assignedNanos(slot, System.nanoTime());
    return TaskId.lease(control.epoch(), StateWord.lease(word));
  }

  /** Takes a lease back. */
  synchronized void requeue(long id) {
    tasks.requeue(TaskId.slot(id), tasks.wordOf(id));
  }

  synchronized void start(long id) {
    int slot = TaskId.slot(id);
    tasks.startedNanos(slot, System.nanoTime());
    tasks.start(slot, tasks.wordOf(id));
  }

  /** Records an end, wherever the task stands, and tells the PLM without waking it. */
  synchronized void end(long id, TaskState end, byte[] result) {
    end(id, end, result, true);
  }

  /** The same; or the ring's entry is left out, as if it had overflown. */
  synchronized void end(long id, TaskState end, byte[] result, boolean tell) {
    int slot = TaskId.slot(id);
    long word = tasks.wordOf(id);
    if (StateWord.state(word) == TaskState.READY && end == TaskState.SUCCEEDED) {
      assign(id);
      word = tasks.wordOf(id);
    }
    long recording = tasks.record(slot, word);
    tasks.outcome(slot, append(id, recording, end, result));
    tasks.end(slot, recording, end);
    control.count(Counter.RECORDED, 1);
    control.count(Counter.ofEnd(end), 1);
    if (tell) {
      toPlm.offer(Rings.event(Rings.TASK_ENDED, slot), id);
    }
  }

  void wakePlm() {
    plm.wake();
  }

  private long append(long id, long word, TaskState end, byte[] result) {
    long lease = TaskId.lease(control.epoch(), StateWord.lease(word));
    encoder
        .task(id, lease, (byte) end.number(), System.currentTimeMillis(), "fake")
        .counts(1, 0)
        .error(end == TaskState.SUCCEEDED ? "" : "ended as " + end)
        .result(result, 0, result.length);
    journal.reserve(encoder.length() + RecordDescriptor.OVERHEAD_MAX);
    control.outcomeRun(journal.appendedThrough());
    RunWriter run = journal.begin();
    long position = run.append(control.drawSequences(1), encoder);
    run.commit();
    return position;
  }

  /** The group commit of the Register. */
  synchronized void force() {
    journal.force();
    control.outcomesForced(journal.forcedThrough());
    plm.wake();
  }

  /** Ends what the PLM asked to cancel; answers how many. */
  synchronized int cancelAsked() {
    int done = cancels.drain((event, id) -> cancel(id), SLOT_LIMIT);
    if (done > 0) {
      plm.wake();
    }
    return done;
  }

  private void cancel(long id) {
    long word = tasks.wordOf(id);
    if (word != -1 && StateWord.state(word).isLive() && tasks.isCancelAsked(TaskId.slot(id))) {
      end(id, TaskState.CANCELLED, new byte[0]);
    }
  }

  /** Ends everything from now on, on a thread of its own. */
  FakeCluster run() {
    return repeat(() -> endSome(SLOT_LIMIT) + cancelAsked());
  }

  /** Ends what is cancelled from now on, on a thread of its own. */
  FakeCluster runCancels() {
    return repeat(this::cancelAsked);
  }

  private FakeCluster repeat(IntSupplier work) {
    thread =
        new Thread(
            () -> {
              while (!stopped) {
                if (work.getAsInt() == 0) {
                  LockSupport.parkNanos(200_000);
                }
              }
            },
            "fake-cluster");
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    if (thread != null) {
      thread.join();
    }
    journal.close();
  }
}
