package io.tidemill.shm.region;

import java.nio.ByteBuffer;

/**
 * What holds for a queue or for the tasks of a key, until it is changed.
 *
 * @param name of the queue; or the key, or what keys begin with and then *
 * @param paused nothing of the queue is assigned
 * @param most tasks in the queue that have not ended; or tasks of a key under a lease; 0: any
 * @param permits leases of a key's tasks in {@code periodMillis}; 0: any
 * @param burst leases of a key's tasks at once, after a time without any
 */
public record Rule(
    Of of, String name, boolean paused, long most, long permits, long periodMillis, long burst) {
  /** What rules are about. */
  public enum Of {
    QUEUE,
    KEY
  }

  public static final int NAME_MAX = 128;

  private static final byte FORMAT = 1;
  private static final int BYTES = 2 + 4 * Long.BYTES;

  public static Rule ofQueue(String queue, boolean paused, long lengthMax) {
    return new Rule(Of.QUEUE, queue, paused, lengthMax, 0, 0, 0);
  }

  public static Rule ofKey(
      String key, long runningMax, long permits, long periodMillis, long burst) {
    return new Rule(Of.KEY, key, false, runningMax, permits, periodMillis, burst);
  }

  /** Whether it says nothing, so that there need be none. */
  public boolean isEmpty() {
    return !paused && most == 0 && permits == 0;
  }

  /** Whether a key is one of those that it is about. */
  public boolean covers(String key) {
    return name.endsWith("*")
        ? key.startsWith(name.substring(0, name.length() - 1))
        : name.equals(key);
  }

  /** As a definition in the journal has it, without the name. */
  public byte[] body() {
    return ByteBuffer.allocate(BYTES)
        .put(FORMAT)
        .put((byte) (paused ? 1 : 0))
        .putLong(most)
        .putLong(permits)
        .putLong(periodMillis)
        .putLong(burst)
        .array();
  }

  /** Reads what {@link #body} wrote; null if it is of another release. */
  public static Rule parse(Of of, String name, byte[] body) {
    ByteBuffer bytes = ByteBuffer.wrap(body);
    if (body.length < BYTES || bytes.get() != FORMAT) {
      return null;
    }
    boolean paused = bytes.get() != 0;
    return new Rule(
        of, name, paused, bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }
}
