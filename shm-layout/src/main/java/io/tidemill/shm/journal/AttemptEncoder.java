package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.AttemptDescriptor.ATTEMPT_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.CAUSE_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.ERROR_LENGTH_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.LEASE_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.RESERVED_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.TIME_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.VERSION;
import static io.tidemill.shm.journal.AttemptDescriptor.WORKER_LENGTH_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.WORKER_OFFSET;

import java.nio.ByteBuffer;

/** Writes {@link RecordKind#ATTEMPT} records. Reused: {@link #task} begins the next one. */
public final class AttemptEncoder implements RecordEncoder {
  private static final byte[] NO_BYTES = {};

  private final Utf8Field workerId =
      new Utf8Field(
          "worker_id", OutcomeDescriptor.WORKER_BYTES_MAX, OutcomeDescriptor.WORKER_BYTES_MAX);
  private final Utf8Field error =
      new Utf8Field("error", ErrorText.CHARACTERS_MAX, ErrorText.BYTES_MAX);
  private byte[] past = NO_BYTES;
  private long taskId;
  private long lease;
  private long millis;
  private int attempt;
  private byte cause;

  /**
   * Begins a new record, without an error.
   *
   * @param number at most 65,535
   * @param why the caller's number for what happened
   */
  public AttemptEncoder task(
      long id, long taskLease, long at, int number, byte why, String worker) {
    taskId = id;
    lease = taskLease;
    millis = at;
    attempt = number;
    cause = why;
    workerId.set(worker);
    error.set("");
    past = NO_BYTES;
    return this;
  }

  /** Cut where it is too long, see {@link ErrorText}. */
  public AttemptEncoder error(String text) {
    error.set(ErrorText.cut(text));
    return this;
  }

  /** The task's leases before, and this one. */
  public AttemptEncoder past(PastLeases leases) {
    past = leases.encode();
    return this;
  }

  @Override
  public byte kind() {
    return RecordKind.ATTEMPT;
  }

  @Override
  public byte version() {
    return VERSION;
  }

  @Override
  public int length() {
    return WORKER_OFFSET + workerId.length() + error.length() + past.length;
  }

  @Override
  public int blobLength() {
    return 0;
  }

  @Override
  public void encode(ByteBuffer target, int record) {
    target.putLong(record + TASK_ID_OFFSET, taskId);
    target.putLong(record + LEASE_OFFSET, lease);
    target.putLong(record + TIME_OFFSET, millis);
    target.putShort(record + ATTEMPT_OFFSET, (short) attempt);
    target.put(record + CAUSE_OFFSET, cause);
    target.put(record + WORKER_LENGTH_OFFSET, (byte) workerId.length());
    target.putShort(record + ERROR_LENGTH_OFFSET, (short) error.length());
    target.putShort(record + RESERVED_OFFSET, (short) 0);
    int end = error.put(target, workerId.put(target, record + WORKER_OFFSET));
    target.put(end, past);
  }
}
