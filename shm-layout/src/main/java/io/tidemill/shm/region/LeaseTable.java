package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Leases of live tasks that were over without an attempt having failed, of which no journal tells:
 * {@value #ENTRIES} entries, {@value #WAYS} for all slots of the same remainder, of which a new one
 * displaces the oldest. A note, not a record. There are two such regions, each with one writer: the
 * Main Scheduler notes which leases it takes back, and asks workers for; the Register which ones
 * workers hand back.
 *
 * <p>A note is written before the move of the state word that it tells of. A crash in between, or a
 * lost race, leaves a note of what did not happen: of a lease that the slot's word still has, or
 * that the task's outcome has. Readers leave those out. An entry is read between two looks at its
 * version, which is odd while it is being rewritten.
 */
public final class LeaseTable {
  /** In each of the regions, whatever the settings. */
  public static final int ENTRIES = 16_384;

  /** Of how many leases a task can have notes. */
  public static final int WAYS = 8;

  private static final int READS_MAX = 1_000;
  private static final String WRITER = "Main Scheduler (leases-taken), Register (leases-returned)";

  public static final Layout LAYOUT = new Layout("past lease");
  static final int VERSION =
      LAYOUT.longField("version", WRITER, "odd while what follows is rewritten");
  static final int TASK = LAYOUT.longField("task", WRITER, "the task's id; 0: no entry");
  static final int TOKEN = LAYOUT.longField("token", WRITER, "epoch << 32 | lease number");
  static final int OVER = LAYOUT.longField("over", WRITER, "the instance's clock, ms");
  static final int ASSIGNED = LAYOUT.longField("assigned", WRITER, "the instance's clock, ms");
  static final int STARTED =
      LAYOUT.longField("started", WRITER, "the instance's clock, ms; 0: not known");
  static final int END = LAYOUT.intField("end", WRITER, "how it was over, see LeaseEnd");
  static final int ATTEMPT = LAYOUT.intField("attempt", WRITER, "failed attempts");
  static final int WORKER_LENGTH = LAYOUT.intField("worker length", WRITER, "bytes");
  static final int WORKER =
      LAYOUT.bytesField("worker", WorkerTable.ID_BYTES_MAX, WRITER, "the worker's id, ASCII");
  static final int STRIDE = LAYOUT.stride(128);

  private final Memory memory;
  private final int ways;
  private final int sets;

  public LeaseTable(Memory memory) {
    int entries = Math.toIntExact(RegionHeader.capacity(memory));
    this.memory = memory;
    this.ways = Math.min(WAYS, entries);
    this.sets = entries / ways;
  }

  public static long bytes() {
    return bytes(ENTRIES);
  }

  public static long bytes(int entries) {
    return RegionHeader.BYTES + (long) entries * STRIDE;
  }

  /** The region's one writer, one thread at a time: in place of what it noted of the same lease. */
  public void write(long taskId, PastLease lease) {
    long at = placeFor(taskId, lease.token());
    byte[] worker = lease.workerId().getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(worker.length, WorkerTable.ID_BYTES_MAX);
    long version = memory.getLong(at + VERSION) | 1;
    memory.putLongRelease(at + VERSION, version);
    memory.fullFence();
    memory.putLong(at + TASK, taskId);
    memory.putLong(at + TOKEN, lease.token());
    memory.putLong(at + OVER, lease.overMillis());
    memory.putLong(at + ASSIGNED, lease.assignedMillis());
    memory.putLong(at + STARTED, lease.startedMillis());
    memory.putInt(at + END, lease.end().ordinal());
    memory.putInt(at + ATTEMPT, lease.attempt());
    memory.putInt(at + WORKER_LENGTH, length);
    memory.putBytes(at + WORKER, worker, 0, length);
    memory.putLongRelease(at + VERSION, version + 1);
  }

  /** The entry of the same lease, else an empty one, else the oldest. */
  private long placeFor(long taskId, long token) {
    long oldest = at(taskId, 0);
    for (int way = 0; way < ways; way++) {
      long at = at(taskId, way);
      if (memory.getLong(at + TASK) == taskId && memory.getLong(at + TOKEN) == token) {
        return at;
      }
      if (age(at) < age(oldest)) {
        oldest = at;
      }
    }
    return oldest;
  }

  /** Orders what may be displaced: what a writer that died left goes first. */
  private long age(long at) {
    boolean whole = (memory.getLong(at + VERSION) & 1) == 0 && memory.getLong(at + TASK) != 0;
    return whole ? memory.getLong(at + OVER) : Long.MIN_VALUE;
  }

  /** Anyone: what is noted of a task's leases, in no order. */
  public List<PastLease> read(long taskId) {
    List<PastLease> found = new ArrayList<>();
    for (int way = 0; way < ways; way++) {
      PastLease lease = read(at(taskId, way), taskId);
      if (lease != null) {
        found.add(lease);
      }
    }
    return found;
  }

  /** Null if the entry is another task's, or is being rewritten again and again. */
  private PastLease read(long at, long taskId) {
    for (int attempt = 0; attempt < READS_MAX; attempt++) {
      long version = memory.getLongAcquire(at + VERSION);
      if ((version & 1) == 0) {
        PastLease lease = memory.getLong(at + TASK) == taskId ? lease(at) : null;
        memory.fullFence();
        if (memory.getLongAcquire(at + VERSION) == version) {
          return lease;
        }
      }
      Thread.onSpinWait();
    }
    return null;
  }

  private PastLease lease(long at) {
    int length = Math.max(0, Math.min(WorkerTable.ID_BYTES_MAX, memory.getInt(at + WORKER_LENGTH)));
    byte[] worker = new byte[length];
    memory.getBytes(at + WORKER, worker, 0, length);
    return new PastLease(
        memory.getLong(at + TOKEN),
        LeaseEnd.of(memory.getInt(at + END)),
        new String(worker, StandardCharsets.US_ASCII),
        memory.getLong(at + ASSIGNED),
        memory.getLong(at + STARTED),
        memory.getLong(at + OVER),
        memory.getInt(at + ATTEMPT),
        0,
        "");
  }

  private long at(long taskId, int way) {
    return RegionHeader.BYTES + ((long) (TaskId.slot(taskId) % sets) * ways + way) * STRIDE;
  }
}
