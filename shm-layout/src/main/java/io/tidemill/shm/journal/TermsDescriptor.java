package io.tidemill.shm.journal;

/**
 * The terms at the end of a submission record, if it has any. Offsets count from the beginning of
 * the terms; nothing is aligned.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 0
 *  |            Due, milliseconds of the instance's clock          |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 8
 *  |               Run at, milliseconds of wall clock              |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 16
 *  |         Start by, milliseconds of the instance's clock        |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 24
 *  |          End by, milliseconds of the instance's clock         |
 *  |                                                               |
 *  +---------------------------------------------------------------+ 32
 *  |          Wait after the first Attempt, milliseconds           |
 *  +---------------------------------------------------------------+ 36
 *  |                 Longest Wait, milliseconds                    |
 *  +-------------------------------+---------------+---------------+ 40
 *  |    Multiplier, hundredths     |   Jitter, %   | Deaths, max   |
 *  +-------------------------------+---------------+---------------+ 44
 *  |          Lane Length          |          Key Length           |
 *  +-------------------------------+-------------------------------+ 48
 *  |         Tenant Length         | Tasks waited for, 0: none     |
 *  +-------------------------------+-------------------------------+ 52
 *  |                   Lane, Key, Tenant, Extra                    |
 * </pre>
 *
 * <p>An affinity key stands behind the key, after a blank, which no key has.
 */
final class TermsDescriptor {
  static final int DUE_OFFSET = 0;
  static final int RUN_AT_OFFSET = DUE_OFFSET + Long.BYTES;
  static final int START_BY_OFFSET = RUN_AT_OFFSET + Long.BYTES;
  static final int END_BY_OFFSET = START_BY_OFFSET + Long.BYTES;
  static final int INITIAL_OFFSET = END_BY_OFFSET + Long.BYTES;
  static final int MAX_OFFSET = INITIAL_OFFSET + Integer.BYTES;
  static final int MULTIPLIER_OFFSET = MAX_OFFSET + Integer.BYTES;
  static final int JITTER_OFFSET = MULTIPLIER_OFFSET + Short.BYTES;
  static final int DEATHS_MAX_OFFSET = JITTER_OFFSET + Byte.BYTES;
  static final int LANE_LENGTH_OFFSET = DEATHS_MAX_OFFSET + Byte.BYTES;
  static final int KEY_LENGTH_OFFSET = LANE_LENGTH_OFFSET + Short.BYTES;
  static final int TENANT_LENGTH_OFFSET = KEY_LENGTH_OFFSET + Short.BYTES;
  static final int PENDING_OFFSET = TENANT_LENGTH_OFFSET + Short.BYTES;
  static final int TEXTS_OFFSET = PENDING_OFFSET + Short.BYTES;

  static final char BETWEEN_KEYS = ' ';

  /** All of it: the record has 16 bits for its length. */
  static final int BYTES_MAX = (1 << Short.SIZE) - 1;

  private TermsDescriptor() {}
}
