package io.tidemill.plm;

import com.google.protobuf.UnsafeByteOperations;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Lane;
import io.tidemill.v1.Durability;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskSpec;

/**
 * What a task was submitted with, out of its record, to be submitted again: all of it but its
 * request id, which stands for the old task, the tasks it waited for, and the moment at which it
 * was due. What the server's settings added then is said expressly now.
 *
 * <p>Whoever adds a field to {@link TaskSpec} adds it here ({@code RequeueTest} looks).
 */
final class SpecOfRecord {
  private static final double HUNDREDTHS = 100.0;

  private SpecOfRecord() {}

  static TaskSpec of(SubmissionDecoder record, StoredExtra extra, Control control) {
    Lane lane = Lane.parse(record.lane());
    TaskSpec.Builder spec =
        TaskSpec.newBuilder()
            .setType(record.type())
            .setPayload(UnsafeByteOperations.unsafeWrap(record.payloadBytes()))
            .setPriority(record.priority())
            .setExecutionTimeoutMs(record.executionTimeoutMillis())
            .setMaxAttempts(record.maxAttempts())
            .setDurability(Durability.forNumber(record.durability()))
            .putAllLabels(lane.labels())
            .putAllAmounts(lane.amounts());
    if (!lane.queue().equals(Lane.DEFAULT_QUEUE)) {
      spec.setQueue(lane.queue());
    }
    if (record.hasTerms()) {
      terms(spec, record.terms(), record.submittedMillis(), control);
      spec.setUniqueKey(extra.getUniqueKey())
          .setUniqueUntil(extra.getUniqueUntil())
          .setUniqueForMs(extra.getUniqueForMs());
    }
    return spec.build();
  }

  private static void terms(TaskSpec.Builder spec, Terms terms, long submitted, Control control) {
    spec.setKey(terms.texts().key())
        .setAffinityKey(terms.texts().affinity())
        .setTenant(terms.texts().tenant())
        .setMaxWorkerDeaths(terms.workerDeathsMax());
    times(spec, terms.times(), submitted, control);
    Terms.Backoff backoff = terms.backoff();
    if (backoff.initialMillis() != 0) {
      spec.setRetry(
          RetryPolicy.newBuilder()
              .setInitialMs(backoff.initialMillis())
              .setMaxMs(backoff.maxMillis())
              .setMultiplier(backoff.hundredths() / HUNDREDTHS)
              .setJitter(backoff.jitterPercent() / HUNDREDTHS));
    }
  }

  /** The deadlines begin anew, and are as long as they were. */
  private static void times(
      TaskSpec.Builder spec, Terms.Times times, long submitted, Control control) {
    long accepted = submitted + 1; // see SpecTimes: rounded up
    if (times.endBy() != 0) {
      spec.setDeadlineMs(Math.max(1, times.endBy() - accepted));
    }
    if (times.startBy() != 0) {
      long due = Math.max(accepted, times.due());
      if (times.runAt() != 0) {
        due = Math.max(accepted, accepted + times.runAt() - control.wallMillis(submitted));
      }
      spec.setStartWithinMs(Math.max(1, times.startBy() - due));
    }
  }
}
