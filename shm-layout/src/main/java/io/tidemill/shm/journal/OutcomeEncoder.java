package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.OutcomeDescriptor.ASSIGNED_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.ATTEMPT_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.ENDED_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.ERROR_LENGTH_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.LEASE_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.RESULT_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.RETURNS_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.RUN_MICROS_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.STARTED_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.STATE_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.OutcomeDescriptor.VERSION;
import static io.tidemill.shm.journal.OutcomeDescriptor.WORKER_BYTES_MAX;
import static io.tidemill.shm.journal.OutcomeDescriptor.WORKER_LENGTH_OFFSET;

import java.nio.ByteBuffer;

/** Writes {@link RecordKind#OUTCOME} records. Reused: {@link #task} begins the next one. */
public final class OutcomeEncoder implements RecordEncoder {
  private static final byte[] NO_BYTES = {};

  private final Utf8Field workerId = new Utf8Field("worker_id", WORKER_BYTES_MAX, WORKER_BYTES_MAX);
  private final Utf8Field error =
      new Utf8Field("error", ErrorText.CHARACTERS_MAX, ErrorText.BYTES_MAX);
  private final Blob result = new Blob();
  private byte[] past = NO_BYTES;
  private long taskId;
  private long lease;
  private long endedMillis;
  private long assignedMillis;
  private long startedMillis;
  private long runMicros;
  private byte state;
  private int attempt;
  private int returns;

  /**
   * Begins a new record: no result, no error, no times but the end.
   *
   * @param endState the number of a {@code TaskState}
   * @param worker who ended it; empty: no worker did
   */
  public OutcomeEncoder task(long id, long taskLease, byte endState, long endedAt, String worker) {
    taskId = id;
    lease = taskLease;
    state = endState;
    endedMillis = endedAt;
    workerId.set(worker);
    assignedMillis = 0;
    startedMillis = 0;
    runMicros = 0;
    attempt = 0;
    returns = 0;
    error.set("");
    past = NO_BYTES;
    result.clear();
    return this;
  }

  /** 0: has not happened. */
  public OutcomeEncoder times(long assignedAt, long startedAt, long ranMicros) {
    assignedMillis = assignedAt;
    startedMillis = startedAt;
    runMicros = ranMicros;
    return this;
  }

  /** Each at most 65,535. */
  public OutcomeEncoder counts(int attempts, int returned) {
    attempt = attempts;
    returns = returned;
    return this;
  }

  /** Cut where it is too long, see {@link ErrorText}. */
  public OutcomeEncoder error(String text) {
    error.set(ErrorText.cut(text));
    return this;
  }

  /** Refers to the bytes until the record is appended. */
  public OutcomeEncoder result(byte[] source, int offset, int count) {
    result.set(source, offset, count);
    return this;
  }

  /** {@link #result(byte[], int, int)} for what remains in a buffer, which is not moved. */
  public OutcomeEncoder result(ByteBuffer source) {
    result.set(source);
    return this;
  }

  /** The task's leases before. */
  public OutcomeEncoder past(PastLeases leases) {
    past = leases.encode();
    return this;
  }

  @Override
  public byte kind() {
    return RecordKind.OUTCOME;
  }

  @Override
  public byte version() {
    return VERSION;
  }

  @Override
  public int length() {
    return RESULT_OFFSET + result.length() + workerId.length() + error.length() + past.length;
  }

  @Override
  public int blobLength() {
    return result.length();
  }

  @Override
  public void encode(ByteBuffer target, int record) {
    target.putLong(record + TASK_ID_OFFSET, taskId);
    target.putLong(record + LEASE_OFFSET, lease);
    target.putLong(record + ENDED_OFFSET, endedMillis);
    target.putLong(record + ASSIGNED_OFFSET, assignedMillis);
    target.putLong(record + STARTED_OFFSET, startedMillis);
    target.putLong(record + RUN_MICROS_OFFSET, runMicros);
    target.put(record + STATE_OFFSET, state);
    target.put(record + WORKER_LENGTH_OFFSET, (byte) workerId.length());
    target.putShort(record + ATTEMPT_OFFSET, (short) attempt);
    target.putShort(record + RETURNS_OFFSET, (short) returns);
    target.putShort(record + ERROR_LENGTH_OFFSET, (short) error.length());
    int at = result.put(target, record + RESULT_OFFSET);
    int end = error.put(target, workerId.put(target, at));
    target.put(end, past);
  }
}
