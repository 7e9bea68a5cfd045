package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * The last parts of what running tasks have emitted, of all tasks together. One writer, the
 * Register, which overwrites the oldest part with each new one and waits for nobody; any number of
 * readers, each of which remembers how far it has come.
 *
 * <p>Parts are numbered from 0 on, and a part stands at its number modulo the entries. Its version
 * says its number and whether it is whole. A writer that dies within one leaves that unreadable
 * until the next writer, which finds it as the newest, has written it anew.
 */
public final class PartialRing {
  /** Whatever the settings: some 4 MiB. */
  public static final int ENTRIES = 4_096;

  public static final int DATA_BYTES = 984;

  private static final String WRITER = "Register";

  public static final Layout LAYOUT = new Layout("partial");
  static final int VERSION =
      LAYOUT.longField(
          "version",
          WRITER,
          "2 * number + 1 while what follows is rewritten, then + 2; 0: nothing");
  static final int TASK = LAYOUT.longField("task", WRITER, "the task's id");
  static final int POSITION =
      LAYOUT.longField("position", WRITER, "bytes emitted under the lease before");
  static final int LEASE = LAYOUT.intField("lease", WRITER, "lease number that it is of");
  static final int ATTEMPT = LAYOUT.intField("attempt", WRITER, "1 for the first");
  static final int LENGTH = LAYOUT.intField("length", WRITER, "bytes of the data");
  static final int DATA = LAYOUT.bytesField("data", DATA_BYTES, WRITER, "as it was emitted");
  public static final int STRIDE = LAYOUT.stride(1024);

  /** What there is of a part. */
  public enum Look {
    /** It has not been written yet. */
    NOT_YET,
    /** A later one has taken its place. */
    GONE,
    /** It is another task's. */
    OTHER,
    /** It has been read. */
    READ
  }

  /** One part, copied. For one thread. */
  public static final class Part {
    private long position;
    private int lease;
    private int attempt;
    private int length;
    private final byte[] data = new byte[DATA_BYTES];

    public long position() {
      return position;
    }

    public int lease() {
      return lease;
    }

    public int attempt() {
      return attempt;
    }

    public int length() {
      return length;
    }

    /** Its first {@link #length} bytes count, until the next part is read. */
    public byte[] data() {
      return data;
    }
  }

  private final Memory memory;
  private final int entries;

  /** Of the writer; -1: not looked for yet. */
  private long next = -1;

  public PartialRing(Memory memory) {
    this.memory = memory;
    this.entries = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes() {
    return RegionHeader.BYTES + (long) ENTRIES * STRIDE;
  }

  /**
   * The region's one writer, one thread at a time.
   *
   * @param position bytes emitted under the lease before
   * @param length at most {@link #DATA_BYTES}
   */
  public void write(
      long taskId, int lease, int attempt, long position, byte[] data, int from, int length) {
    next = next < 0 ? firstToWrite() : next;
    long number = next++;
    long at = at(number);
    memory.putLongRelease(at + VERSION, 2 * number + 1);
    memory.fullFence();
    memory.putLong(at + TASK, taskId);
    memory.putLong(at + POSITION, position);
    memory.putInt(at + LEASE, lease);
    memory.putInt(at + ATTEMPT, attempt);
    memory.putInt(at + LENGTH, length);
    memory.putBytes(at + DATA, data, from, length);
    memory.putLongRelease(at + VERSION, 2 * number + 2);
  }

  /** The newest one if a predecessor died in it, else the one behind it. */
  private long firstToWrite() {
    long newest = newestVersion();
    return (newest & 1) == 1 ? newest / 2 : end();
  }

  private long newestVersion() {
    long newest = 0;
    for (int entry = 0; entry < entries; entry++) {
      newest = Math.max(newest, memory.getLongAcquire(at(entry) + VERSION));
    }
    return newest;
  }

  /** The number behind the newest part that is whole. Looks at every entry. */
  public long end() {
    return newestVersion() / 2;
  }

  /** The number of the oldest part that may still be there, if the end is this. */
  public long oldest(long end) {
    return Math.max(0, end - entries);
  }

  /** Reads a part if it is of this task. */
  public Look read(long number, long taskId, Part into) {
    long at = at(number);
    long whole = 2 * number + 2;
    long version = memory.getLongAcquire(at + VERSION);
    if (version != whole) {
      return version > whole ? Look.GONE : Look.NOT_YET;
    }
    boolean own = memory.getLong(at + TASK) == taskId;
    if (own) {
      into.position = memory.getLong(at + POSITION);
      into.lease = memory.getInt(at + LEASE);
      into.attempt = memory.getInt(at + ATTEMPT);
      into.length = Math.max(0, Math.min(DATA_BYTES, memory.getInt(at + LENGTH)));
      memory.getBytes(at + DATA, into.data, 0, into.length);
    }
    memory.fullFence();
    if (memory.getLongAcquire(at + VERSION) != version) {
      return Look.GONE;
    }
    return own ? Look.READ : Look.OTHER;
  }

  private long at(long number) {
    return RegionHeader.BYTES + Math.floorMod(number, entries) * (long) STRIDE;
  }
}
