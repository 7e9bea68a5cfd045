package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.grpc.Status;
import io.tidemill.cli.text.Latencies;
import io.tidemill.cli.text.Units;
import io.tidemill.client.ResultListener;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what becomes of many submissions. Callbacks come on the transport's thread, questions from
 * any.
 */
final class Account implements ResultListener {
  private final Latencies latencies = new Latencies();
  private final AtomicLong submitted = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong succeeded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong duplicated = new AtomicLong();
  private final AtomicLong merged = new AtomicLong();
  private final BitSet endedHandles = new BitSet();
  private final boolean results;
  private final Ledger ledger;
  private final long startNanos = System.nanoTime();
  private volatile long lastProgressNanos = startNanos;
  private volatile long lastEndNanos = startNanos;
  private volatile Refusal firstRefusal;
  private volatile String firstError = "";

  /**
   * @param results whether latencies end with the result; without it they end with the
   *     acknowledgement
   * @param ledger null: none is kept
   */
  Account(boolean results, Ledger ledger) {
    this.results = results;
    this.ledger = ledger;
  }

  void submitted() {
    submitted.incrementAndGet();
  }

  @Override
  public void accepted(long handle, long taskId, long latencyNanos) {
    accepted.incrementAndGet();
    progressed();
    if (!results) {
      latencies.recordNanos(latencyNanos);
      lastEndNanos = System.nanoTime();
    }
    if (ledger != null) {
      ledger.acknowledged(taskId);
    }
  }

  @Override
  public void duplicate(long handle, long taskId, DuplicateReason reason) {
    merged.incrementAndGet();
  }

  @Override
  public void ended(long handle, TaskResult result, long latencyNanos) {
    progressed();
    if (!firstEnd(handle)) {
      duplicated.incrementAndGet();
      return;
    }
    if (result.getState() == TaskState.TASK_STATE_UNSPECIFIED) {
      lost.incrementAndGet();
      noteError(result.getError());
      return;
    }
    lastEndNanos = System.nanoTime();
    latencies.recordNanos(latencyNanos);
    if (result.getState() == TaskState.TASK_STATE_SUCCEEDED) {
      succeeded.incrementAndGet();
    } else {
      failed.incrementAndGet();
      noteError(result.getError());
    }
    if (ledger != null) {
      ledger.ended(result.getTaskId(), result.getState());
    }
  }

  private boolean firstEnd(long handle) {
    synchronized (endedHandles) {
      boolean first = !endedHandles.get((int) handle);
      endedHandles.set((int) handle);
      return first;
    }
  }

  @Override
  public void refused(long handle, Refusal refusal) {
    progressed();
    refused.incrementAndGet();
    if (firstRefusal == null) {
      firstRefusal = refusal;
    }
  }

  @Override
  public void abandoned(long handle, long taskId, String why) {
    if (taskId != 0) {
      lost.incrementAndGet();
    }
  }

  private void noteError(String error) {
    if (firstError.isEmpty()) {
      firstError = error;
    }
  }

  private void progressed() {
    lastProgressNanos = System.nanoTime();
  }

  long nanosWithoutProgress() {
    return System.nanoTime() - lastProgressNanos;
  }

  Latencies latencies() {
    return latencies;
  }

  long submittedCount() {
    return submitted.get();
  }

  /** Those that are over as far as this run wants to know. */
  long doneCount() {
    return refused.get() + (results ? succeeded.get() + failed.get() : accepted.get());
  }

  double seconds() {
    return Math.max(1, lastEndNanos - startNanos) / 1e9;
  }

  /** Those done a second, from the start to the last one's end. */
  double perSecond() {
    long done = results ? succeeded.get() + failed.get() : accepted.get();
    return done == 0 ? 0 : done / seconds();
  }

  /**
   * @param contradictions ends that came twice and differed
   */
  JsonObject json(long contradictions) {
    JsonObject json = new JsonObject();
    json.addProperty("submitted", submitted.get());
    json.addProperty("accepted", accepted.get());
    json.addProperty("succeeded", succeeded.get());
    json.addProperty("failed", failed.get());
    json.addProperty("lost", lost.get());
    json.addProperty("duplicated", duplicated.get() + contradictions);
    json.addProperty("refused", refused.get());
    json.addProperty("known_before", merged.get());
    json.addProperty("seconds", Math.round(seconds() * 1e6) / 1e6);
    json.addProperty("tasks_per_s", Math.round(perSecond() * 10) / 10.0);
    latencies.addTo(json);
    return json;
  }

  List<String> lines(long contradictions) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "submitted "
            + Units.count(submitted.get())
            + "  accepted "
            + Units.count(accepted.get())
            + "  refused "
            + Units.count(refused.get())
            + (merged.get() == 0 ? "" : "  known before " + Units.count(merged.get())));
    if (results) {
      lines.add(
          "succeeded "
              + Units.count(succeeded.get())
              + "  failed "
              + Units.count(failed.get())
              + "  lost "
              + Units.count(lost.get())
              + "  duplicated "
              + Units.count(duplicated.get() + contradictions));
    }
    lines.add(
        String.format(Locale.ROOT, "%s tasks/s in %.3f s", Units.rate(perSecond()), seconds()));
    lines.add((results ? "latency " : "latency to acknowledgement ") + latencies);
    return lines;
  }

  /** Tells what went wrong first, and gives the exit code. */
  int conclude(Cli cli, long contradictions) {
    if (firstRefusal != null) {
      cli.say(firstRefusal.getMessage() + " [" + firstRefusal.getReason() + "]");
    }
    if (!firstError.isEmpty()) {
      cli.say("the first task without success: " + firstError);
    }
    if (duplicated.get() + contradictions > 0) {
      return ExitCodes.FAILURE;
    }
    if (lost.get() > 0 || submitted.get() > accepted.get() + refused.get()) {
      cli.say("time over before every task ended");
      return ExitCodes.TIME_OVER;
    }
    if (failed.get() > 0) {
      return ExitCodes.NO_SUCCESS;
    }
    return firstRefusal == null
        ? ExitCodes.OK
        : ExitCodes.of(Status.fromCodeValue(firstRefusal.getCode()).getCode());
  }
}
