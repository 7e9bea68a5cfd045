package io.tidemill.shm.journal;

/**
 * The body of a record that tells of an attempt that failed or a task that went back, without
 * having ended. Offsets count from the beginning of the record.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 24
 *  |                            Task Id                            |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 32
 *  |                             Lease                             |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 40
 *  |                  Milliseconds of wall clock                   |
 *  |                                                               |
 *  +-------------------------------+---------------+---------------+ 48
 *  |            Attempt            |     Cause     | Worker Length |
 *  +-------------------------------+---------------+---------------+ 52
 *  |         Error Length          |           Reserved            |
 *  +-------------------------------+-------------------------------+ 56
 *  |                Worker Id, Error, Past Leases                  |
 * </pre>
 */
final class AttemptDescriptor {
  static final byte VERSION = 1;

  static final int TASK_ID_OFFSET = RecordDescriptor.HEADER_LENGTH;
  static final int LEASE_OFFSET = TASK_ID_OFFSET + Long.BYTES;
  static final int TIME_OFFSET = LEASE_OFFSET + Long.BYTES;
  static final int ATTEMPT_OFFSET = TIME_OFFSET + Long.BYTES;
  static final int CAUSE_OFFSET = ATTEMPT_OFFSET + Short.BYTES;
  static final int WORKER_LENGTH_OFFSET = CAUSE_OFFSET + Byte.BYTES;
  static final int ERROR_LENGTH_OFFSET = WORKER_LENGTH_OFFSET + Byte.BYTES;
  static final int RESERVED_OFFSET = ERROR_LENGTH_OFFSET + Short.BYTES;
  static final int WORKER_OFFSET = RESERVED_OFFSET + Short.BYTES;

  private AttemptDescriptor() {}
}
