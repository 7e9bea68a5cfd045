package io.tidemill.shm.journal;

import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The leases that a task had before, as they stand at the end of the records of failed attempts and
 * of outcomes: nothing at all for a task whose first lease ended it.
 *
 * <pre>
 *  +---------------+---------------+-------------------------------+ 0
 *  |   Format 1    |     Count     |           Reserved            |
 *  +---------------+---------------+-------------------------------+ 4
 *  |                   Leases of Former Epochs                     |
 *  +---------------------------------------------------------------+ 8
 *  |  for each: Token 8, Over 8, Assigned 8, Started 8, Due 8,     |
 *  |  Attempt 2, Error Length 2, End 1, Worker Length 1, Worker,   |
 *  |  Error                                                        |
 * </pre>
 *
 * @param former how many leases the task had in former epochs, so that it can be told how many are
 *     missing here
 * @param leases the newest, oldest first
 */
public record PastLeases(int former, List<PastLease> leases) {
  /** So many are kept of a task. */
  public static final int LEASES_MAX = 16;

  public static final PastLeases NONE = new PastLeases(0, List.of());

  private static final byte FORMAT = 1;
  private static final int HEADER = 8;
  private static final int ENTRY = 5 * Long.BYTES + 2 * Short.BYTES + 2;
  private static final int UTF8_BYTES_MAX = 3;

  /** What they take at most in a record. */
  public static final int BYTES_MAX =
      HEADER
          + LEASES_MAX
              * (ENTRY
                  + OutcomeDescriptor.WORKER_BYTES_MAX
                  + UTF8_BYTES_MAX * PastLease.ERROR_CHARACTERS_MAX);

  /** Only the newest {@link #LEASES_MAX} stay. */
  public PastLeases {
    int more = Math.max(0, leases.size() - LEASES_MAX);
    leases = List.copyOf(leases.subList(more, leases.size()));
  }

  public boolean isEmpty() {
    return former == 0 && leases.isEmpty();
  }

  /** As records have them; no bytes if there is nothing to tell. */
  public byte[] encode() {
    if (isEmpty()) {
      return new byte[0];
    }
    ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(FORMAT).put((byte) leases.size()).putShort((short) 0).putInt(former);
    leases.forEach(lease -> put(bytes, lease));
    byte[] encoded = new byte[bytes.position()];
    bytes.flip().get(encoded);
    return encoded;
  }

  private static void put(ByteBuffer bytes, PastLease lease) {
    byte[] worker = lease.workerId().getBytes(StandardCharsets.UTF_8);
    byte[] error = lease.error().getBytes(StandardCharsets.UTF_8);
    int workerLength = Math.min(worker.length, OutcomeDescriptor.WORKER_BYTES_MAX);
    bytes
        .putLong(lease.token())
        .putLong(lease.overMillis())
        .putLong(lease.assignedMillis())
        .putLong(lease.startedMillis())
        .putLong(lease.dueMillis())
        .putShort((short) lease.attempt())
        .putShort((short) error.length)
        .put((byte) lease.end().ordinal())
        .put((byte) workerLength)
        .put(worker, 0, workerLength)
        .put(error);
  }

  /**
   * Reads what {@link #encode} wrote; what another release wrote is none.
   *
   * @return null if the bytes do not fit together
   */
  static PastLeases decode(byte[] encoded) {
    if (encoded.length == 0 || encoded[0] != FORMAT) {
      return NONE;
    }
    ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    if (encoded.length < HEADER) {
      return null;
    }
    PastLease[] leases = new PastLease[Byte.toUnsignedInt(bytes.get(1))];
    int former = bytes.getInt(4);
    bytes.position(HEADER);
    for (int i = 0; i < leases.length; i++) {
      leases[i] = get(bytes);
      if (leases[i] == null) {
        return null;
      }
    }
    return new PastLeases(former, List.of(leases));
  }

  private static PastLease get(ByteBuffer bytes) {
    if (bytes.remaining() < ENTRY) {
      return null;
    }
    long token = bytes.getLong();
    long over = bytes.getLong();
    long assigned = bytes.getLong();
    long started = bytes.getLong();
    long due = bytes.getLong();
    int attempt = Short.toUnsignedInt(bytes.getShort());
    int errorLength = Short.toUnsignedInt(bytes.getShort());
    LeaseEnd end = LeaseEnd.of(bytes.get());
    int workerLength = Byte.toUnsignedInt(bytes.get());
    if (bytes.remaining() < workerLength + errorLength) {
      return null;
    }
    String worker = text(bytes, workerLength);
    String error = text(bytes, errorLength);
    return new PastLease(token, end, worker, assigned, started, over, attempt, due, error);
  }

  private static String text(ByteBuffer bytes, int length) {
    byte[] utf8 = new byte[length];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
