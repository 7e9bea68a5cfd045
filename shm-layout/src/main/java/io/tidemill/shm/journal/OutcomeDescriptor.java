package io.tidemill.shm.journal;

/**
 * The body of a record that tells of a task's end. Offsets count from the beginning of the record.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 24
 *  |                            Task Id                            |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 32
 *  |                 Lease, 0: it was never assigned               |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 40
 *  |               Ended, milliseconds of wall clock               |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 48
 *  |                 Assigned, 0: has not happened                 |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 56
 *  |                 Started, 0: has not happened                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 64
 *  |               Microseconds that the handler ran               |
 *  |                                                               |
 *  +---------------+---------------+-------------------------------+ 72
 *  |  Task State   | Worker Length |            Attempt            |
 *  +---------------+---------------+-------------------------------+ 76
 *  |            Returns            |         Error Length          |
 *  +-------------------------------+-------------------------------+ 80
 *  |            Result, Worker Id, Error, Past Leases              |
 * </pre>
 */
final class OutcomeDescriptor {
  static final byte VERSION = 1;

  static final int TASK_ID_OFFSET = RecordDescriptor.HEADER_LENGTH;
  static final int LEASE_OFFSET = TASK_ID_OFFSET + Long.BYTES;
  static final int ENDED_OFFSET = LEASE_OFFSET + Long.BYTES;
  static final int ASSIGNED_OFFSET = ENDED_OFFSET + Long.BYTES;
  static final int STARTED_OFFSET = ASSIGNED_OFFSET + Long.BYTES;
  static final int RUN_MICROS_OFFSET = STARTED_OFFSET + Long.BYTES;
  static final int STATE_OFFSET = RUN_MICROS_OFFSET + Long.BYTES;
  static final int WORKER_LENGTH_OFFSET = STATE_OFFSET + Byte.BYTES;
  static final int ATTEMPT_OFFSET = WORKER_LENGTH_OFFSET + Byte.BYTES;
  static final int RETURNS_OFFSET = ATTEMPT_OFFSET + Short.BYTES;
  static final int ERROR_LENGTH_OFFSET = RETURNS_OFFSET + Short.BYTES;
  static final int RESULT_OFFSET = ERROR_LENGTH_OFFSET + Short.BYTES;

  static final int WORKER_BYTES_MAX = 64;

  private OutcomeDescriptor() {}
}
