package io.tidemill.shm.journal;

/**
 * The body of a record that tells of an accepted task. Offsets count from the beginning of the
 * record.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 24
 *  |                            Task Id                            |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 32
 *  |             Submitted, milliseconds of wall clock             |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 40
 *  |                     Session Id, 0: none                       |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 48
 *  |                   Number within the Session                   |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 56
 *  |                           Priority                            |
 *  +---------------------------------------------------------------+ 60
 *  |               Execution Timeout, milliseconds                 |
 *  +-------------------------------+---------------+---------------+ 64
 *  |         Attempts, at most     |  Durability   |  Type Length  |
 *  +-------------------------------+---------------+---------------+ 68
 *  |       Request Id Length       |    Terms Length, 0: none      |
 *  +-------------------------------+-------------------------------+ 72
 *  |              Payload, Type, Request Id, Terms                 |
 * </pre>
 *
 * <p>A record without {@link TermsDescriptor terms} is of version 1, one with them of version 2.
 */
final class SubmissionDescriptor {
  static final byte PLAIN_VERSION = 1;
  static final byte VERSION = 2;

  static final int TASK_ID_OFFSET = RecordDescriptor.HEADER_LENGTH;
  static final int SUBMITTED_OFFSET = TASK_ID_OFFSET + Long.BYTES;
  static final int SESSION_ID_OFFSET = SUBMITTED_OFFSET + Long.BYTES;
  static final int SESSION_NUMBER_OFFSET = SESSION_ID_OFFSET + Long.BYTES;
  static final int PRIORITY_OFFSET = SESSION_NUMBER_OFFSET + Long.BYTES;
  static final int EXECUTION_TIMEOUT_OFFSET = PRIORITY_OFFSET + Integer.BYTES;
  static final int MAX_ATTEMPTS_OFFSET = EXECUTION_TIMEOUT_OFFSET + Integer.BYTES;
  static final int DURABILITY_OFFSET = MAX_ATTEMPTS_OFFSET + Short.BYTES;
  static final int TYPE_LENGTH_OFFSET = DURABILITY_OFFSET + Byte.BYTES;
  static final int REQUEST_ID_LENGTH_OFFSET = TYPE_LENGTH_OFFSET + Byte.BYTES;
  static final int TERMS_LENGTH_OFFSET = REQUEST_ID_LENGTH_OFFSET + Short.BYTES;
  static final int PAYLOAD_OFFSET = TERMS_LENGTH_OFFSET + Short.BYTES;

  static final int TYPE_BYTES_MAX = 128;
  static final int REQUEST_ID_CHARACTERS_MAX = 128;

  private SubmissionDescriptor() {}
}
