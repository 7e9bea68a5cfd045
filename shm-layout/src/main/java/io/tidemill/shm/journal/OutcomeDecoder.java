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
import static io.tidemill.shm.journal.OutcomeDescriptor.WORKER_LENGTH_OFFSET;

import java.nio.ByteBuffer;

/**
 * Reads {@link RecordKind#OUTCOME} records. Valid as long as the view that it was wrapped around.
 */
public final class OutcomeDecoder extends RecordDecoder {
  public OutcomeDecoder wrap(RecordView view) {
    set(view, RecordKind.OUTCOME, VERSION);
    checkHeader(view, RESULT_OFFSET);
    checkFits(view, RESULT_OFFSET, workerLength() + errorLength());
    return this;
  }

  public long taskId() {
    return longAt(TASK_ID_OFFSET);
  }

  /** 0: it was never assigned. */
  public long lease() {
    return longAt(LEASE_OFFSET);
  }

  public long endedMillis() {
    return longAt(ENDED_OFFSET);
  }

  public long assignedMillis() {
    return longAt(ASSIGNED_OFFSET);
  }

  public long startedMillis() {
    return longAt(STARTED_OFFSET);
  }

  public long runMicros() {
    return longAt(RUN_MICROS_OFFSET);
  }

  /** The number of a {@code TaskState}. */
  public byte state() {
    return byteAt(STATE_OFFSET);
  }

  public int attempt() {
    return shortAt(ATTEMPT_OFFSET);
  }

  public int returns() {
    return shortAt(RETURNS_OFFSET);
  }

  public String workerId() {
    return textAt(workerOffset(), workerLength());
  }

  /** Whether the worker is this one, in UTF-8: most records are of the one before's. */
  public boolean workerEquals(byte[] utf8) {
    return equalAt(workerOffset(), workerLength(), utf8);
  }

  public String error() {
    return textAt(workerOffset() + workerLength(), errorLength());
  }

  public int resultLength() {
    return blobLength();
  }

  /** A read-only window on the file itself: valid as long as the view. */
  public ByteBuffer result() {
    return sliceAt(RESULT_OFFSET, blobLength());
  }

  /** The result, copied. */
  public byte[] resultBytes() {
    return bytesAt(RESULT_OFFSET, blobLength());
  }

  private int workerOffset() {
    return RESULT_OFFSET + blobLength();
  }

  /** The task's leases before, without the one that ended it. */
  public PastLeases past() {
    return pastAt(workerOffset() + workerLength() + errorLength());
  }

  private int errorLength() {
    return shortAt(ERROR_LENGTH_OFFSET);
  }

  private int workerLength() {
    return Byte.toUnsignedInt(byteAt(WORKER_LENGTH_OFFSET));
  }
}
