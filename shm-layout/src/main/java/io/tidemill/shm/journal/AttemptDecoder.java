package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.AttemptDescriptor.ATTEMPT_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.CAUSE_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.ERROR_LENGTH_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.LEASE_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.TIME_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.VERSION;
import static io.tidemill.shm.journal.AttemptDescriptor.WORKER_LENGTH_OFFSET;
import static io.tidemill.shm.journal.AttemptDescriptor.WORKER_OFFSET;

/**
 * Reads {@link RecordKind#ATTEMPT} records. Valid as long as the view that it was wrapped around.
 */
public final class AttemptDecoder extends RecordDecoder {
  public AttemptDecoder wrap(RecordView view) {
    set(view, RecordKind.ATTEMPT, VERSION);
    checkHeader(view, WORKER_OFFSET);
    checkFits(view, WORKER_OFFSET, workerLength() + errorLength());
    return this;
  }

  public long taskId() {
    return longAt(TASK_ID_OFFSET);
  }

  public long lease() {
    return longAt(LEASE_OFFSET);
  }

  public long millis() {
    return longAt(TIME_OFFSET);
  }

  public int attempt() {
    return shortAt(ATTEMPT_OFFSET);
  }

  /** The writer's number for what happened. */
  public byte cause() {
    return byteAt(CAUSE_OFFSET);
  }

  public String workerId() {
    return textAt(WORKER_OFFSET, workerLength());
  }

  public String error() {
    return textAt(WORKER_OFFSET + workerLength(), errorLength());
  }

  /** The task's leases before, this one included. */
  public PastLeases past() {
    return pastAt(WORKER_OFFSET + workerLength() + errorLength());
  }

  private int errorLength() {
    return shortAt(ERROR_LENGTH_OFFSET);
  }

  private int workerLength() {
    return Byte.toUnsignedInt(byteAt(WORKER_LENGTH_OFFSET));
  }
}
