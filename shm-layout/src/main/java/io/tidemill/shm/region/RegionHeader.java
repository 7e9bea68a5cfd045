package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * The first 64 bytes of every mapped file. Whoever creates the files writes it, the magic last: a
 * file without it was never finished.
 */
public final class RegionHeader {
  /** "TIDEMILL" in ASCII, read as a little-endian long. */
  public static final long MAGIC = 0x4C4C_494D_4544_4954L;

  /** Raised with every change of any region's layout. */
  public static final int VERSION = 6;

  public static final Layout LAYOUT = new Layout("region header");
  static final int MAGIC_AT = LAYOUT.longField("magic", "creator", "TIDEMILL; written last");
  static final int VERSION_AT = LAYOUT.intField("version", "creator", "of the layout");
  static final int KIND_AT = LAYOUT.intField("kind", "creator", "which region this is");
  static final int STAMP_AT =
      LAYOUT.longField("stamp", "creator", "random, the same in all files of a set");
  static final int CAPACITY_AT = LAYOUT.longField("capacity", "creator", "records in this region");
  static final int BOOT_AT =
      LAYOUT.longField("boot", "creator", "id of the boot that the set was made in");
  public static final int BYTES = LAYOUT.stride(64);

  /** The regions, in the order of their kind numbers. */
  public enum Kind {
    CONTROL("control"),
    TASKS("tasks"),
    TASK_HEAP("task-heap"),
    WORKERS("workers"),
    WORKER_HEAP("worker-heap"),
    MAPPING("mapping"),
    TYPES("types"),
    RINGS("rings"),
    CANCEL_NOTES("cancel-notes"),
    PROGRESS_NOTES("progress-notes"),
    TERMS("terms"),
    RULES("rules"),
    TIMERS("timers"),
    LEASES_TAKEN("leases-taken"),
    LEASES_RETURNED("leases-returned"),
    PARTIALS("partials");

    private final String fileName;

    Kind(String fileName) {
      this.fileName = fileName;
    }

    public String fileName() {
      return fileName;
    }
  }

  private RegionHeader() {}

  /** Writes all but the magic. */
  public static void prepare(Memory memory, Kind kind, long capacity, long stamp, long boot) {
    memory.putInt(VERSION_AT, VERSION);
    memory.putInt(KIND_AT, kind.ordinal());
    memory.putLong(STAMP_AT, stamp);
    memory.putLong(CAPACITY_AT, capacity);
    memory.putLong(BOOT_AT, boot);
  }

  /** Makes the file valid. */
  public static void seal(Memory memory) {
    memory.putLongRelease(MAGIC_AT, MAGIC);
  }

  public static boolean sealed(Memory memory) {
    return memory.size() >= BYTES && memory.getLongAcquire(MAGIC_AT) == MAGIC;
  }

  public static int version(Memory memory) {
    return memory.getInt(VERSION_AT);
  }

  public static boolean isKind(Memory memory, Kind kind) {
    return memory.getInt(KIND_AT) == kind.ordinal();
  }

  public static long stamp(Memory memory) {
    return memory.getLong(STAMP_AT);
  }

  public static long capacity(Memory memory) {
    return memory.getLong(CAPACITY_AT);
  }

  public static long boot(Memory memory) {
    return memory.getLong(BOOT_AT);
  }
}
