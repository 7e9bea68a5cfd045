package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.SubmissionDescriptor.DURABILITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.EXECUTION_TIMEOUT_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.MAX_ATTEMPTS_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PAYLOAD_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.PLAIN_VERSION;
import static io.tidemill.shm.journal.SubmissionDescriptor.PRIORITY_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.REQUEST_ID_CHARACTERS_MAX;
import static io.tidemill.shm.journal.SubmissionDescriptor.REQUEST_ID_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SESSION_NUMBER_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.SUBMITTED_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TASK_ID_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TERMS_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.TYPE_BYTES_MAX;
import static io.tidemill.shm.journal.SubmissionDescriptor.TYPE_LENGTH_OFFSET;
import static io.tidemill.shm.journal.SubmissionDescriptor.VERSION;

import java.nio.ByteBuffer;

/**
 * Writes {@link RecordKind#SUBMISSION} records. Reused: each setter holds until it is called again,
 * except those that {@link #task} empties.
 */
public final class SubmissionEncoder implements RecordEncoder {
  private final Utf8Field type = new Utf8Field("type", TYPE_BYTES_MAX, TYPE_BYTES_MAX);
  private final Utf8Field requestId =
      new Utf8Field("request_id", REQUEST_ID_CHARACTERS_MAX, 4 * REQUEST_ID_CHARACTERS_MAX);
  private final Blob payload = new Blob();
  private final TermsField terms = new TermsField();
  private long taskId;
  private long submittedMillis;
  private long sessionId;
  private long sessionNumber;
  private int priority;
  private int executionTimeoutMillis;
  private int maxAttempts;
  private byte durability;

  /** Begins a new record: no session, no request id, no payload, no terms. */
  public SubmissionEncoder task(long id, long submittedAt, String taskType, int taskPriority) {
    taskId = id;
    submittedMillis = submittedAt;
    type.set(taskType);
    priority = taskPriority;
    sessionId = 0;
    sessionNumber = 0;
    requestId.set("");
    payload.clear();
    terms.clear();
    return this;
  }

  /**
   * Begins a record that says what another one says; what is to differ is set after it. Refers to
   * the other one's payload until the record is appended.
   */
  public SubmissionEncoder again(SubmissionDecoder other) {
    task(other.taskId(), other.submittedMillis(), other.type(), other.priority());
    session(other.sessionId(), other.sessionNumber());
    requestId(other.requestId());
    terms(other.executionTimeoutMillis(), other.maxAttempts(), other.durability());
    if (other.hasTerms()) {
      terms(other.terms());
    }
    return payload(other.payload());
  }

  public SubmissionEncoder priority(int taskPriority) {
    priority = taskPriority;
    return this;
  }

  public SubmissionEncoder session(long id, long number) {
    sessionId = id;
    sessionNumber = number;
    return this;
  }

  /** At most 128 characters; empty: none. */
  public SubmissionEncoder requestId(String id) {
    requestId.set(id);
    return this;
  }

  /**
   * @param timeoutMillis of one attempt, unsigned
   * @param attempts at most 65,535
   * @param level the number of a {@code Durability}
   */
  public SubmissionEncoder terms(int timeoutMillis, int attempts, byte level) {
    executionTimeoutMillis = timeoutMillis;
    maxAttempts = attempts;
    durability = level;
    return this;
  }

  /** What the task asks for beside what every task has. */
  public SubmissionEncoder terms(Terms asked) {
    terms.set(asked);
    return this;
  }

  /** Refers to the bytes until the record is appended. */
  public SubmissionEncoder payload(byte[] source, int offset, int count) {
    payload.set(source, offset, count);
    return this;
  }

  /** {@link #payload(byte[], int, int)} for what remains in a buffer, which is not moved. */
  public SubmissionEncoder payload(ByteBuffer source) {
    payload.set(source);
    return this;
  }

  @Override
  public byte kind() {
    return RecordKind.SUBMISSION;
  }

  @Override
  public byte version() {
    return terms.length() == 0 ? PLAIN_VERSION : VERSION;
  }

  @Override
  public int length() {
    return PAYLOAD_OFFSET + payload.length() + type.length() + requestId.length() + terms.length();
  }

  @Override
  public int blobLength() {
    return payload.length();
  }

  @Override
  public void encode(ByteBuffer target, int record) {
    target.putLong(record + TASK_ID_OFFSET, taskId);
    target.putLong(record + SUBMITTED_OFFSET, submittedMillis);
    target.putLong(record + SESSION_ID_OFFSET, sessionId);
    target.putLong(record + SESSION_NUMBER_OFFSET, sessionNumber);
    target.putInt(record + PRIORITY_OFFSET, priority);
    target.putInt(record + EXECUTION_TIMEOUT_OFFSET, executionTimeoutMillis);
    target.putShort(record + MAX_ATTEMPTS_OFFSET, (short) maxAttempts);
    target.put(record + DURABILITY_OFFSET, durability);
    target.put(record + TYPE_LENGTH_OFFSET, (byte) type.length());
    target.putShort(record + REQUEST_ID_LENGTH_OFFSET, (short) requestId.length());
    target.putShort(record + TERMS_LENGTH_OFFSET, (short) terms.length());
    int at = payload.put(target, record + PAYLOAD_OFFSET);
    terms.put(target, requestId.put(target, type.put(target, at)));
  }
}
