package io.tidemill.shm.journal;

/**
 * The body of a record that defines something by its name, or removes it. The last record of a kind
 * and name counts. Offsets count from the beginning of the record.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 24
 *  |                  Milliseconds of wall clock                   |
 *  |                                                               |
 *  +---------------+---------------+-------------------------------+ 32
 *  |  Definition   |   Reserved    |          Name Length          |
 *  +---------------+---------------+-------------------------------+ 36
 *  |                           Reserved                            |
 *  +---------------------------------------------------------------+ 40
 *  |              What is defined, 0 bytes: nothing                |
 *  |                             Name                              |
 * </pre>
 */
final class DefinitionDescriptor {
  static final byte VERSION = 1;

  static final int TIME_OFFSET = RecordDescriptor.HEADER_LENGTH;
  static final int DEFINITION_OFFSET = TIME_OFFSET + Long.BYTES;
  static final int RESERVED_OFFSET = DEFINITION_OFFSET + Byte.BYTES;
  static final int NAME_LENGTH_OFFSET = RESERVED_OFFSET + Byte.BYTES;
  static final int RESERVED_INT_OFFSET = NAME_LENGTH_OFFSET + Short.BYTES;
  static final int BODY_OFFSET = RESERVED_INT_OFFSET + Integer.BYTES;

  static final int NAME_CHARACTERS_MAX = 128;

  private DefinitionDescriptor() {}
}
