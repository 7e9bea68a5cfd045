package io.tidemill.register;

import io.tidemill.register.EndReasons.Reason;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.ErrorText;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges the reports of a message: what it takes to record each, or the verdict that it gets
 * instead. Only who holds a task's lease can end it; a report that was recorded before counts as
 * recorded, however often it comes. Guarded.
 */
final class Reports {
  private final Control control;
  private final TaskTable tasks;
  private final WorkerTable table;
  private final Recorder recorder;
  private final RecentRecords recent;
  private final Committer committer;
  private final Signals signals;
  private final Overruns overruns;
  private final EndReasons reasons;
  private final CancelTexts cancelTexts;
  private final LeaseNotes notes;
  private final int resultBytesMax;
  private final int epoch;

  /** Whether the Main Scheduler wants to know how long each type takes on each worker. */
  private final boolean speeds;

  // Of the message at hand.
  private long now;
  private final List<Verdict> exceptions = new ArrayList<>();
  private int ended;
  private int leasesEnded;
  private int succeeded;
  private int failed;
  private long runMicros;
  private boolean recordedBefore;

  Reports(
      Instance instance,
      Recorder recorder,
      RecentRecords recent,
      Committer committer,
      Signals signals,
      Overruns overruns,
      EndReasons reasons,
      LeaseNotes notes,
      int resultBytesMax) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.table = instance.regions().workers();
    this.recorder = recorder;
    this.recent = recent;
    this.committer = committer;
    this.signals = signals;
    this.overruns = overruns;
    this.reasons = reasons;
    this.cancelTexts = new CancelTexts(instance.regions());
    this.notes = notes;
    this.resultBytesMax = resultBytesMax;
    this.epoch = control.epoch();
    this.speeds = instance.settings().text(Key.PLACEMENT_POLICY).equals("measured-speed");
  }

  /**
   * Records what a message reports, and gives the verdicts.
   *
   * @return false if the disk has no room for it: nothing has changed
   */
  boolean record(HeartbeatStream stream, HeartbeatRequest message, long nowNanos) {
    if (!recorder.reserve(bytesMax(message))) {
      return false;
    }
    now = nowNanos;
    Worker worker = stream.worker();
    long number = message.getFirstReport();
    for (TaskReport report : message.getReportsList()) {
      judge(worker, number++, report);
    }
    boolean disk = recorder.write(nowNanos);
    account(worker, nowNanos);
    settle(stream, number - 1, disk);
    stream.nextReport(Math.max(stream.nextReport(), number));
    return true;
  }

  private long bytesMax(HeartbeatRequest message) {
    long bytes = 0;
    for (TaskReport report : message.getReportsList()) {
      int result = Math.min(report.getResult().size(), resultBytesMax);
      // An invalid report, or one of a cancelled task, is recorded with a sentence of ours.
      int error = report.getError().length() + CancelTexts.CHARACTERS_MAX;
      bytes += recorder.bytesMax(result, error) + notes.bytesMax(report);
    }
    return bytes;
  }

  private void judge(Worker worker, long number, TaskReport report) {
    while (true) {
      long word = tasks.wordOf(report.getTaskId());
      if (!isHeld(worker, report, word)) {
        refuse(worker, number, report, word);
        return;
      }
      Recording recording = recorder.take(TaskId.slot(report.getTaskId()), word);
      if (recording != null) {
        fill(recording, worker, number, report);
        return;
      }
      // The Main Scheduler took the lease back in this instant: look again.
    }
  }

  private boolean isHeld(Worker worker, TaskReport report, long word) {
    return word != -1 && StateWord.state(word).isLeased() && isLeaseOf(worker, report, word);
  }

  private boolean isLeaseOf(Worker worker, TaskReport report, long word) {
    return StateWord.worker(word) == worker.row()
        && TaskId.lease(epoch, StateWord.lease(word)) == report.getLease();
  }

  /** Why a task should end that has started and has not come to an end of its own, or null. */
  private Reason reason(int slot) {
    return reasons.of(slot, TaskState.RUNNING, now);
  }

  private void fill(Recording recording, Worker worker, long number, TaskReport report) {
    ended++;
    leasesEnded += worker.counts(recording.taskId, recording.lease) ? 1 : 0;
    recording.worker = worker;
    recording.runMicros = Math.max(0, report.getRunUs());
    runMicros += recording.runMicros;
    int size = report.getResult().size();
    if (size > resultBytesMax) {
      String what = "result too long: bytes=" + size + " limit=" + resultBytesMax;
      invalid(recording, number, report, what + "; return less, or a reference to it");
      return;
    }
    recording.result = report.getResult();
    switch (report.getKind()) {
      case KIND_SUCCEEDED -> {
        succeeded++;
        if (speeds) {
          table.served(worker.row(), tasks.type(recording.slot), recording.runMicros);
        }
        recording.endsAs(TaskState.SUCCEEDED, "");
      }
      case KIND_FAILED -> fail(recording, report, report.getError());
      case KIND_FAILED_FOR_GOOD -> {
        failed++;
        recording.endsAs(TaskState.FAILED, report.getError());
      }
      case KIND_CANCELLED -> {
        if (isOverrun(recording, report)) {
          overran(recording, report);
        } else {
          stopped(recording, report);
        }
      }
      case KIND_RETURNED -> {
        Reason reason = reasons.of(recording.slot, TaskState.ASSIGNED, now);
        if (reason != null) {
          recording.endsAs(reason.end(), reason.text());
        }
      }
      default ->
          invalid(
              recording, number, report, "unknown kind of report: kind=" + report.getKindValue());
    }
  }

  private void fail(Recording recording, TaskReport report, String error) {
    failed++;
    int max = tasks.attemptsMax(recording.slot);
    if (tasks.attempts(recording.slot) + 1 >= max) {
      recording.endsAs(max <= 1 ? TaskState.FAILED : TaskState.DEAD, error);
    } else if (reason(recording.slot) != null) {
      stopped(recording, report);
    } else {
      recording.attemptFailed = true;
      recording.error = error;
    }
  }

  /**
   * Its handler was stopped since it ran too long, and for nothing else. That it was told to stop
   * may have been by a Register that is gone.
   */
  private boolean isOverrun(Recording recording, TaskReport report) {
    long timeoutMicros = 1_000 * Integer.toUnsignedLong(tasks.timeoutMs(recording.slot));
    boolean took = timeoutMicros > 0 && report.getRunUs() >= timeoutMicros;
    return (took || overruns.contains(recording.taskId, recording.lease))
        && reason(recording.slot) == null;
  }

  /** A failed attempt; of one that was still in its worker's queue nothing but the lease ends. */
  private void overran(Recording recording, TaskReport report) {
    if (recording.runMicros > 0) {
      fail(recording, report, ExecutionTimeouts.text(tasks.timeoutMs(recording.slot)));
    }
  }

  /** Its end is what it was to be stopped for; a worker may also have stopped it by itself. */
  private void stopped(Recording recording, TaskReport report) {
    Reason reason = reasons.of(recording.slot, TaskState.ASSIGNED, now);
    if (reason == null || reason.end() == TaskState.CANCELLED) {
      String text = cancelTexts.of(report.getTaskId(), report.getError());
      recording.endsAs(TaskState.CANCELLED, text);
    } else {
      String also = report.getKind() == TaskReport.Kind.KIND_FAILED ? report.getError() : "";
      recording.endsAs(reason.end(), also.isEmpty() ? reason.text() : reason.text() + "; " + also);
    }
  }

  /** The attempt counts as failed, for good: the same handler would report the same again. */
  private void invalid(Recording recording, long number, TaskReport report, String what) {
    failed++;
    recording.endsAs(TaskState.FAILED, what);
    except(number, report, Verdict.Kind.KIND_INVALID, what);
  }

  private void refuse(Worker worker, long number, TaskReport report, long word) {
    if (wasRecorded(worker, report, word)) {
      recordedBefore = true;
    } else if (word == -1 || StateWord.state(word).isEnd()) {
      control.count(Counter.STALE, 1);
      except(number, report, Verdict.Kind.KIND_STALE, staleText(report, word));
    } else {
      control.count(Counter.SUPERSEDED, 1);
      except(number, report, Verdict.Kind.KIND_SUPERSEDED, supersededText(report, word));
    }
  }

  /** By the slot, as long as it has the task; by our memory afterwards. */
  private boolean wasRecorded(Worker worker, TaskReport report, long word) {
    boolean shows =
        word != -1
            && (StateWord.state(word).isEnd() || StateWord.state(word) == TaskState.RECORDING)
            && isLeaseOf(worker, report, word);
    return shows || recent.contains(report.getTaskId(), report.getLease());
  }

  private static String staleText(TaskReport report, long word) {
    String task = TaskIds.format(report.getTaskId());
    return word == -1
        ? "no such task, or it ended a while ago: task=" + task + "; drop the result"
        : "the task has ended: task="
            + task
            + " state="
            + StateWord.state(word)
            + "; drop the result";
  }

  private String supersededText(TaskReport report, long word) {
    return "the lease is not this worker's, or was taken back: task="
        + TaskIds.format(report.getTaskId())
        + " lease="
        + Long.toHexString(report.getLease())
        + " current="
        + Long.toHexString(TaskId.lease(epoch, StateWord.lease(word)))
        + "; drop the result";
  }

  private void except(long number, TaskReport report, Verdict.Kind kind, String message) {
    exceptions.add(
        Verdict.newBuilder()
            .setReport(number)
            .setTaskId(report.getTaskId())
            .setLease(report.getLease())
            .setKind(kind)
            .setMessage(ErrorText.cut(message))
            .build());
  }

  private void account(Worker worker, long nowNanos) {
    worker.newsNanos(nowNanos);
    if (ended == 0) {
      return;
    }
    int row = worker.row();
    if (leasesEnded > 0) {
      signals.capacityReturned(row, leasesEnded);
    }
    worker.rate().add(ended);
    table.succeeded(row, table.succeeded(row) + succeeded);
    table.failed(row, table.failed(row) + failed);
    table.serviceMicros(row, smoothed(table.serviceMicros(row), runMicros / ended));
    ended = 0;
    leasesEnded = 0;
    succeeded = 0;
    failed = 0;
    runMicros = 0;
  }

  private static long smoothed(long before, long now) {
    return before == 0 ? now : before + (now - before) / 8;
  }

  /** Verdicts go in order: behind one that waits for the disk, all wait. */
  private void settle(HeartbeatStream stream, long through, boolean disk) {
    List<Verdict> others = exceptions.isEmpty() ? List.of() : List.copyOf(exceptions);
    exceptions.clear();
    boolean waits =
        disk || stream.unforcedVerdicts() > 0 || (recordedBefore && committer.isWaiting());
    recordedBefore = false;
    if (waits) {
      committer.settleUnforced(stream, through, others);
    } else {
      stream.settle(through, others);
    }
  }
}
