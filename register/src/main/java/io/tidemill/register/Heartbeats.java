package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.State;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskPartial;
import io.tidemill.v1.TaskProgress;
import io.tidemill.v1.TaskStart;
import io.tidemill.v1.WorkerLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What comes over heartbeat streams. Guarded, and called on the transport's threads. */
final class Heartbeats {
  static final int REPORTS_MAX = 10_000;

  /** What a message says beyond is not looked at: progress is a courtesy. */
  static final int PROGRESS_MAX = 1_000;

  private static final int PROGRESS_CHARACTERS_MAX = 200;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  private final WorkerTable table;
  private final TaskTable tasks;
  private final NoteTable progressNotes;
  private final Partials partials;
  private final Workers workers;
  private final Reports reports;
  private final Takeovers takeovers;
  private final Endings endings;
  private final LongSupplier clock;
  private final int epoch;
  private List<HeartbeatStream> held = new ArrayList<>();
  private long retryNanos;
  private boolean closed;

  Heartbeats(
      Instance instance,
      Workers workers,
      Reports reports,
      Takeovers takeovers,
      Endings endings,
      LongSupplier clock) {
    this.table = instance.regions().workers();
    this.tasks = instance.regions().tasks();
    this.progressNotes = instance.regions().progressNotes();
    this.partials = new Partials(tasks, instance.regions().partials());
    this.epoch = instance.control().epoch();
    this.workers = workers;
    this.reports = reports;
    this.takeovers = takeovers;
    this.endings = endings;
    this.clock = clock;
  }

  void onMessage(HeartbeatStream stream, HeartbeatRequest message) {
    if (closed || stream.isClosed()) {
      return;
    }
    long now = clock.getAsLong();
    if (stream.worker() == null && !open(stream, message)) {
      return;
    }
    StatusRuntimeException wrong = check(stream, message);
    if (wrong != null) {
      stream.end(wrong);
      lose(stream, "its heartbeat stream was refused: " + wrong.getStatus().getDescription(), now);
      return;
    }
    Worker worker = stream.worker();
    beat(worker, message, now);
    message.getStartedList().forEach(start -> started(stream, start, now));
    message.getProgressList().stream()
        .limit(PROGRESS_MAX)
        .forEach(progress -> progressed(worker, progress));
    for (int i = 0; i < Math.min(Partials.PER_MESSAGE_MAX, message.getPartialsCount()); i++) {
      emitted(worker, message.getPartials(i), now);
    }
    if (message.getReportsCount() > 0 && !reports.record(stream, message, now)) {
      hold(stream, message, now);
      return;
    }
    conclude(stream, message);
  }

  private boolean open(HeartbeatStream stream, HeartbeatRequest message) {
    Worker worker = workers.byKey(message.getWorkerKey());
    if (worker == null) {
      stream.end(Refusals.registrationOver(message.getWorkerKey()));
      return false;
    }
    if (worker.stream() != null) {
      worker.stream().end(null); // It has another one now.
    }
    stream.worker(worker);
    worker.stream(stream);
    if (worker.state() == State.DRAINING) {
      stream.drain();
    }
    endings.onConnected(worker);
    return true;
  }

  private static StatusRuntimeException check(HeartbeatStream stream, HeartbeatRequest message) {
    int count = message.getReportsCount();
    if (count == 0) {
      return null;
    }
    if (count > REPORTS_MAX) {
      return Refusals.invalid(
          "TOO_MANY_REPORTS", "reports", count, "are at most " + REPORTS_MAX + " in a message");
    }
    long first = message.getFirstReport();
    if (first < 1 || first > Long.MAX_VALUE - REPORTS_MAX) {
      return Refusals.invalid("REPORT_NUMBER_INVALID", "first_report", first, "begins with 1");
    }
    if (stream.nextReport() != 0 && first > stream.nextReport()) {
      return Refusals.invalid(
          "REPORT_NUMBER_INVALID",
          "first_report",
          first,
          "has no gaps within a stream; " + stream.nextReport() + " is next");
    }
    return null;
  }

  private void beat(Worker worker, HeartbeatRequest message, long now) {
    int row = worker.row();
    table.lastBeat(row, now);
    takeovers.onAnswered(worker);
    if (message.hasLoad()) {
      WorkerLoad load = message.getLoad();
      float cpu = Float.isFinite(load.getCpu()) ? Math.max(0, load.getCpu()) : 0;
      table.load(row, load.getRunning(), load.getQueued(), Math.round(cpu * 1_000));
      if (load.getServiceUs() > 0) {
        table.serviceMicros(row, load.getServiceUs());
      }
    }
  }

  private void started(HeartbeatStream stream, TaskStart start, long now) {
    boolean runs = start(stream.worker(), start, now);
    if (start.getAwaits() && runs) {
      stream.started(start.getTaskId(), start.getLease());
    } else if (start.getAwaits()) {
      stream.cancel(
          CancelOrder.newBuilder()
              .setTaskId(start.getTaskId())
              .setLease(start.getLease())
              .setReason("the lease was over before the handler began")
              .build());
    }
  }

  /** Whether the task runs under this lease now. */
  private boolean start(Worker worker, TaskStart start, long now) {
    long word = tasks.wordOf(start.getTaskId());
    boolean holds =
        word != -1 && StateWord.state(word).isLeased() && isLeaseOf(worker, start.getLease(), word);
    int slot = TaskId.slot(start.getTaskId());
    boolean runs =
        holds && (StateWord.state(word) == TaskState.RUNNING || tasks.start(slot, word) != -1);
    // A death between the two leaves a running task of which no start is known; the worker tells it
    // again.
    if (runs && !tasks.isStartKnown(slot)) {
      long age = TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(start.getAgeMs()));
      long assigned = tasks.assignedNanos(slot);
      tasks.startedNanos(slot, now - age - assigned >= 0 ? now - age : assigned);
      worker.newsNanos(now);
    }
    return runs;
  }

  private void progressed(Worker worker, TaskProgress progress) {
    long word = tasks.wordOf(progress.getTaskId());
    if (word != -1
        && StateWord.state(word).isLeased()
        && isLeaseOf(worker, progress.getLease(), word)) {
      float fraction = progress.getFraction();
      progressNotes.write(
          progress.getTaskId(),
          StateWord.lease(word),
          Float.isNaN(fraction) ? 0 : Math.max(0, Math.min(1, fraction)),
          cut(progress.getMessage()));
    }
  }

  private void emitted(Worker worker, TaskPartial partial, long now) {
    long word = tasks.wordOf(partial.getTaskId());
    if (word != -1
        && StateWord.state(word).isLeased()
        && isLeaseOf(worker, partial.getLease(), word)) {
      partials.onPartial(worker, partial, word, now);
    }
  }

  private static String cut(String message) {
    return message.codePointCount(0, message.length()) <= PROGRESS_CHARACTERS_MAX
        ? message
        : message.substring(0, message.offsetByCodePoints(0, PROGRESS_CHARACTERS_MAX));
  }

  private boolean isLeaseOf(Worker worker, long lease, long word) {
    return StateWord.worker(word) == worker.row()
        && TaskId.lease(epoch, StateWord.lease(word)) == lease;
  }

  private void conclude(HeartbeatStream stream, HeartbeatRequest message) {
    Worker worker = stream.worker();
    if (message.getLeaving()) {
      worker.stream(null);
      workers.left(worker);
      stream.end(null);
      return;
    }
    if (message.getDraining()) {
      workers.draining(worker);
    }
    stream.readNext();
  }

  /** The worker's end of the stream is gone. */
  void onBroken(HeartbeatStream stream) {
    if (!closed && !stream.isClosed()) {
      stream.end(null);
      lose(stream, "its heartbeat stream broke", clock.getAsLong());
    }
  }

  private void lose(HeartbeatStream stream, String why, long now) {
    Worker worker = stream.worker();
    if (worker != null && worker.stream() == stream) {
      worker.stream(null);
      workers.dead(worker, why, now);
      takeovers.onGone(worker);
    }
  }

  // Reports that the disk has no room for.

  private void hold(HeartbeatStream stream, HeartbeatRequest message, long now) {
    if (held.isEmpty()) {
      LOG.warn("no room on the disk to record outcomes; workers keep their results until there is");
      retryNanos = now + RETRY_NANOS;
    }
    stream.hold(message);
    held.add(stream);
  }

  /**
   * By the agent: tries again. Those who are held have no other way to beat, so this counts as
   * their beat.
   */
  void retryHeld(long now) {
    if (held.isEmpty() || now - retryNanos < 0) {
      return;
    }
    List<HeartbeatStream> again = held;
    held = new ArrayList<>();
    for (HeartbeatStream stream : again) {
      HeartbeatRequest message = stream.held();
      if (message == null) {
        continue;
      }
      table.lastBeat(stream.worker().row(), now);
      if (held.isEmpty() && reports.record(stream, message, now)) {
        stream.hold(null);
        conclude(stream, message);
      } else {
        held.add(stream);
      }
    }
    retryNanos = now + RETRY_NANOS;
    if (held.isEmpty()) {
      LOG.info("there is room on the disk again: streams={}", again.size());
    }
  }

  /** When {@link #retryHeld} has something to do. */
  long retryDueNanos(long now) {
    return held.isEmpty() ? Long.MAX_VALUE : Math.max(0, retryNanos - now);
  }

  /** From here on nothing is taken; the workers connect again to our successor. */
  void close() {
    closed = true;
    for (Worker worker : workers.all()) {
      if (worker.stream() != null) {
        worker.stream().end(Refusals.restarting());
      }
    }
  }
}
