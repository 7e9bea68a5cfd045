package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskTable;
import java.util.BitSet;

/** Sends assigned tasks down their workers' streams, with the payload from the journal. */
final class Sender implements AutoCloseable {
  private final TaskTable tasks;
  private final Workers workers;
  private final Leases leases;
  private final JournalReader journal;
  private final RecordView record = new RecordView();
  private final SubmissionDecoder submission = new SubmissionDecoder();
  private final BitSet touched = new BitSet();

  Sender(Instance instance, Workers workers, Leases leases) {
    this.tasks = instance.regions().tasks();
    this.workers = workers;
    this.leases = leases;
    this.journal = Journals.read(instance.dir().submissions());
  }

  /** Adds a task to what goes to a worker at the end of the turn. */
  void send(int slot, long word, int worker) {
    DispatchStream stream = workers.stream(worker);
    stream.add(
        tasks.id(slot),
        leases.token(word),
        workers.typeName(tasks.type(slot)),
        payload(slot),
        tasks.priority(slot),
        tasks.sequence(slot),
        tasks.attempts(slot) + 1,
        tasks.timeoutMs(slot));
    touched.set(worker);
  }

  /** Sends what has gathered. */
  void flush() {
    for (int worker = touched.nextSetBit(0); worker >= 0; worker = touched.nextSetBit(worker + 1)) {
      DispatchStream stream = workers.stream(worker);
      if (stream != null) {
        stream.flush();
      }
    }
    touched.clear();
  }

  private byte[] payload(int slot) {
    if (!journal.read(tasks.submission(slot), record)) {
      throw new IllegalStateException(
          "a live task's submission is not in the journal: slot="
              + slot
              + " position="
              + tasks.submission(slot));
    }
    return submission.wrap(record).payloadBytes();
  }

  @Override
  public void close() {
    journal.close();
  }
}
