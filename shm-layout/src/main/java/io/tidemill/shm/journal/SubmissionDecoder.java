package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.SubmissionDescriptor.DURABILITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.EXECUTION_TIMEOUT_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.MAX_ATTEMPTS_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PAYLOAD_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PRIORITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.REQUEST_ID_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_NUMBER_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SUBMITTED_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TYPE_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.VERSION;

import java.nio.ByteBuffer;

/**
 * Reads {@link RecordKind#SUBMISSION} records. Valid as long as the view that it was wrapped
 * around.
 */
public final class SubmissionDecoder extends RecordDecoder {
  public SubmissionDecoder wrap(RecordView view) {
    set(view, RecordKind.SUBMISSION, VERSION);
    checkHeader(view, PAYLOAD_OFFSET);
    checkFits(view, PAYLOAD_OFFSET, typeLength() + requestIdLength());
    return this;
  }

  public long taskId() {
    return longAt(TASK_ID_OFFSET);
  }

  public long submittedMillis() {
    return longAt(SUBMITTED_OFFSET);
  }

  /** 0: none. */
  public long sessionId() {
    return longAt(SESSION_ID_OFFSET);
  }

  public long sessionNumber() {
    return longAt(SESSION_NUMBER_OFFSET);
  }

  public int priority() {
    return intAt(PRIORITY_OFFSET);
  }

  /** Unsigned. */
  public int executionTimeoutMillis() {
    return intAt(EXECUTION_TIMEOUT_OFFSET);
  }

  public int maxAttempts() {
    return shortAt(MAX_ATTEMPTS_OFFSET);
  }

  public byte durability() {
    return byteAt(DURABILITY_OFFSET);
  }

  public String type() {
    return textAt(typeOffset(), typeLength());
  }

  /** Whether the type is this one, in UTF-8: to find an interned string without making one. */
  public boolean typeEquals(byte[] utf8) {
    return equalAt(typeOffset(), typeLength(), utf8);
  }

  /** The type's UTF-8 bytes, to be handed on without decoding them. */
  public byte[] typeBytes() {
    return bytesAt(typeOffset(), typeLength());
  }

  /** Empty: none. */
  public String requestId() {
    return textAt(typeOffset() + typeLength(), requestIdLength());
  }

  public int payloadLength() {
    return blobLength();
  }

  /** A read-only window on the file itself: valid as long as the view. */
  public ByteBuffer payload() {
    return sliceAt(PAYLOAD_OFFSET, blobLength());
  }

  /** The payload, copied. */
  public byte[] payloadBytes() {
    return bytesAt(PAYLOAD_OFFSET, blobLength());
  }

  /** Copies the payload into an array that has room for it. */
  public void copyPayload(byte[] target, int to) {
    copyAt(PAYLOAD_OFFSET, blobLength(), target, to);
  }

  private int typeOffset() {
    return PAYLOAD_OFFSET + blobLength();
  }

  private int requestIdLength() {
    return shortAt(REQUEST_ID_LENGTH_OFFSET);
  }

  private int typeLength() {
    return Byte.toUnsignedInt(byteAt(TYPE_LENGTH_OFFSET));
  }
}
