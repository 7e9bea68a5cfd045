package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.SubmissionDescriptor.DURABILITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.EXECUTION_TIMEOUT_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.MAX_ATTEMPTS_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PAYLOAD_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PLAIN_VERSION;
import static io.tidemill.shm.journal.SubmissionDescriptor.PRIORITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.REQUEST_ID_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_NUMBER_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SUBMITTED_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TERMS_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TYPE_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.VERSION;
import static io.tidemill.shm.journal.TermsDescriptor.DEATHS_MAX_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.DUE_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.END_BY_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.INITIAL_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.JITTER_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.KEY_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.LANE_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.MAX_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.MULTIPLIER_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.PENDING_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.RUN_AT_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.START_BY_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.TENANT_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.TEXTS_OFFSET;

import java.nio.ByteBuffer;

/**
 * Reads {@link RecordKind#SUBMISSION} records. Valid as long as the view that it was wrapped
 * around.
 */
public final class SubmissionDecoder extends RecordDecoder {
  private int termsLength;

  public SubmissionDecoder wrap(RecordView view) {
    set(view, RecordKind.SUBMISSION, VERSION);
    checkHeader(view, PAYLOAD_OFFSET);
    termsLength = view.version() == PLAIN_VERSION ? 0 : shortAt(TERMS_LENGTH_OFFSET);
    checkFits(view, PAYLOAD_OFFSET, typeLength() + requestIdLength() + termsLength);
    if (termsLength > 0) {
      checkTerms(view);
    }
    return this;
  }

  /** The terms' lengths are within the record, their texts within the terms. */
  private void checkTerms(RecordView view) {
    if (termsLength < TEXTS_OFFSET
        || TEXTS_OFFSET + laneLength() + keyLength() + tenantLength() > termsLength) {
      throw broken(view, TEXTS_OFFSET);
    }
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

  public boolean hasTerms() {
    return termsLength > 0;
  }

  /** Copied, so that they outlive the view; {@link Terms#NONE} if it has none. */
  public Terms terms() {
    return hasTerms()
        ? new Terms(times(), backoff(), byteOf(DEATHS_MAX_OFFSET), texts(), pending(), extra())
        : Terms.NONE;
  }

  /** The class of work that it belongs to: its type, unless its terms say more. */
  public String lane() {
    int length = hasTerms() ? laneLength() : 0;
    return length == 0 ? type() : textAt(termsOffset() + TEXTS_OFFSET, length);
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

  private Terms.Times times() {
    int at = termsOffset();
    return new Terms.Times(
        longAt(at + DUE_OFFSET),
        longAt(at + RUN_AT_OFFSET),
        longAt(at + START_BY_OFFSET),
        longAt(at + END_BY_OFFSET));
  }

  private Terms.Backoff backoff() {
    int at = termsOffset();
    return new Terms.Backoff(
        intAt(at + INITIAL_OFFSET),
        intAt(at + MAX_OFFSET),
        shortAt(at + MULTIPLIER_OFFSET),
        byteOf(JITTER_OFFSET));
  }

  private Terms.Texts texts() {
    int lane = termsOffset() + TEXTS_OFFSET;
    int key = lane + laneLength();
    int tenant = key + keyLength();
    String keys = textAt(key, keyLength());
    int between = keys.indexOf(TermsDescriptor.BETWEEN_KEYS);
    return new Terms.Texts(
        textAt(lane, laneLength()),
        between < 0 ? keys : keys.substring(0, between),
        textAt(tenant, tenantLength()),
        between < 0 ? "" : keys.substring(between + 1));
  }

  private ByteBuffer extra() {
    int before = TEXTS_OFFSET + laneLength() + keyLength() + tenantLength();
    return ByteBuffer.wrap(bytesAt(termsOffset() + before, termsLength - before))
        .asReadOnlyBuffer();
  }

  private int pending() {
    return shortAt(termsOffset() + PENDING_OFFSET);
  }

  private int laneLength() {
    return shortAt(termsOffset() + LANE_LENGTH_OFFSET);
  }

  private int keyLength() {
    return shortAt(termsOffset() + KEY_LENGTH_OFFSET);
  }

  private int tenantLength() {
    return shortAt(termsOffset() + TENANT_LENGTH_OFFSET);
  }

  private int byteOf(int termsField) {
    return Byte.toUnsignedInt(byteAt(termsOffset() + termsField));
  }

  private int termsOffset() {
    return typeOffset() + typeLength() + requestIdLength();
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
