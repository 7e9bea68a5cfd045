package io.tidemill.scheduler;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.StoredExtra;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends assigned tasks down their workers' streams, with the payload from the journal. */
final class Sender implements AutoCloseable {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final TaskTable tasks;
  private final TaskOrder order;
  private final Workers workers;
  private final Leases leases;
  private final Lanes lanes;
  private final JournalReader journal;
  private final boolean byTurns;

  /** Rises over restarts, too. */
  private long turn;

  private final RecordView record = new RecordView();
  private final SubmissionDecoder submission = new SubmissionDecoder();
  private final BitSet touched = new BitSet();
  private long lastSent;
  private boolean mapped;

  Sender(Instance instance, TaskOrder order, Workers workers, Leases leases, Lanes lanes) {
    this.order = order;
    this.tasks = instance.regions().tasks();
    this.workers = workers;
    this.leases = leases;
    this.lanes = lanes;
    this.journal = instance.journals().readSubmissions();
    this.byTurns = Tenants.of(instance) != null;
    this.turn = instance.control().nanoTime();
  }

  /** Adds a task to what goes to a worker at the end of the turn. */
  void send(int slot, long word, int worker) {
    DispatchStream stream = workers.stream(worker);
    stream.add(assignment(slot, word));
    touched.set(worker);
  }

  private Assignment.Builder assignment(int slot, long word) {
    Lane lane = lanes.lane(tasks.type(slot));
    Assignment.Builder assignment =
        Assignment.newBuilder()
            .setTaskId(tasks.id(slot))
            .setLease(leases.token(word))
            .setType(lane.type())
            .setQueue(lane.queue().equals(Lane.DEFAULT_QUEUE) ? "" : lane.queue())
            .setPayload(UnsafeByteOperations.unsafeWrap(payload(slot)))
            .setPriority(tasks.priority(slot))
            .setSequence(tasks.sequence(slot))
            .setAttempt(tasks.attempts(slot) + 1)
            .setExecutionTimeoutMs(tasks.timeoutMs(slot))
            .setAnnounceStart(leases.mustAnnounce(slot));
    if (order.isAgeing()) {
      assignment.setRank(order.rank(slot));
    }
    if (byTurns) {
      // The worker keeps the order of the turns among equal priorities.
      assignment.setSequence(++turn);
    }
    return tasks.hasTerms(slot) ? assignment.addAllParents(parents()) : assignment;
  }

  /**
   * Asks a worker with a stream for a lease back, at the end of the turn. A crash before it is sent
   * asks for nothing.
   */
  void recall(int slot, long word, int worker) {
    workers.stream(worker).recall(tasks.id(slot), leases.token(word));
    touched.set(worker);
  }

  /** How the tasks ended that the one waited for whose payload was read last. */
  private List<ParentResult> parents() {
    try {
      return StoredExtra.parseFrom(submission.terms().extra()).getParentsList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the extra part of a submission's terms cannot be read", e);
    }
  }

  /** Sends what has gathered. */
  void flush(long nowNanos) {
    if (touched.isEmpty()) {
      trimWhenIdle(nowNanos);
      return;
    }
    lastSent = nowNanos;
    mapped = true;
    for (int worker = touched.nextSetBit(0); worker >= 0; worker = touched.nextSetBit(worker + 1)) {
      DispatchStream stream = workers.stream(worker);
      if (stream != null) {
        stream.flush();
      }
    }
    touched.clear();
  }

  /**
   * Mapped journal pages count as this process's memory: they are let go when nothing was sent for
   * a while.
   */
  private void trimWhenIdle(long nowNanos) {
    if (mapped && nowNanos - lastSent > IDLE_NANOS) {
      journal.trim();
      mapped = false;
    }
  }

  /** The text of a slot's key; null if its submission is not there (any more). */
  String key(int slot) {
    long position = tasks.submission(slot);
    while (!journal.read(position, record)) {
      long now = tasks.submission(slot);
      if (now == position) {
        return null;
      }
      position = now;
    }
    mapped = true;
    return submission.wrap(record).terms().texts().key();
  }

  private byte[] payload(int slot) {
    long position = tasks.submission(slot);
    while (!journal.read(position, record)) {
      long now = tasks.submission(slot);
      if (now == position) {
        throw new IllegalStateException(
            "a live task's submission is not in the journal: slot="
                + slot
                + " position="
                + Position.format(position));
      }
      position = now; // The PLM has carried it into a later cycle.
    }
    return submission.wrap(record).payloadBytes();
  }

  @Override
  public void close() {
    journal.close();
  }
}
