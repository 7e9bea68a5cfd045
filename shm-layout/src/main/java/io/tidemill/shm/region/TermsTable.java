package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * What some tasks ask for beside what every task has: one record for each slot, at the slot's
 * index, touched only if the slot's flags say so ({@link TaskTable#hasTerms}). The PLM writes it in
 * FILLING, so what a crash leaves there is written anew by whoever settles the slot; the Register
 * writes in RECORDING when the task may be tried again.
 */
public final class TermsTable {
  private static final String PLM = "PLM in FILLING";
  private static final String PLM_AND_REGISTER = "PLM in FILLING, Register in RECORDING";

  public static final Layout LAYOUT = new Layout("terms");
  static final int DUE =
      LAYOUT.longField("due", PLM_AND_REGISTER, "not before: monotonic time, ns; 0: at once");
  static final int RUN_AT =
      LAYOUT.longField("run at", PLM_AND_REGISTER, "not before: wall clock, ms; 0: due counts");
  static final int START_BY =
      LAYOUT.longField("start by", PLM, "deadline of the start: monotonic time, ns; 0: none");
  static final int END_BY =
      LAYOUT.longField("end by", PLM, "deadline of the end: monotonic time, ns; 0: none");
  static final int BACKOFF_INITIAL =
      LAYOUT.intField("backoff initial", PLM, "wait after the first failed attempt, ms; 0: none");
  static final int BACKOFF_MAX = LAYOUT.intField("backoff max", PLM, "longest wait, ms; 0: any");
  static final int BACKOFF_SHAPE =
      LAYOUT.intField("backoff shape", PLM, "multiplier in hundredths << 8 | jitter in percent");
  static final int WORKER_DEATHS_MAX =
      LAYOUT.intField(
          "worker deaths max",
          PLM,
          "affinity << 8 | leases that may be lost; 0: none, task.returns.max");
  static final int KEY = LAYOUT.longField("key", PLM, "hash of its key; 0: none");
  static final int TENANT = LAYOUT.intField("tenant", PLM, "number of its tenant; 0: none");
  static final int PENDING = LAYOUT.intField("pending", "PLM", "tasks that it waits for");
  public static final int STRIDE = LAYOUT.stride(64);

  private static final int DEATHS_BITS = 8;
  private static final int DEATHS_MASK = (1 << DEATHS_BITS) - 1;
  private static final int JITTER_BITS = 8;
  private static final int JITTER_MASK = (1 << JITTER_BITS) - 1;

  private final Memory memory;
  private final int capacity;

  public TermsTable(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return RegionHeader.BYTES + (long) capacity * STRIDE;
  }

  /** Nothing of a former task is left. By whoever holds the slot, before it sets anything. */
  public void clear(int slot) {
    for (int offset = 0; offset < STRIDE; offset += 8) {
      memory.putLong(at(slot, offset), 0);
    }
  }

  /** Monotonic, 0: at once. Counts only if {@link #runAtMillis} is 0. */
  public long dueNanos(int slot) {
    return memory.getLong(at(slot, DUE));
  }

  /** Wall clock, 0: {@link #dueNanos} counts. */
  public long runAtMillis(int slot) {
    return memory.getLong(at(slot, RUN_AT));
  }

  /** The task may not be assigned before this: one of both is 0. */
  public void due(int slot, long dueNanos, long runAtMillis) {
    memory.putLong(at(slot, DUE), dueNanos);
    memory.putLong(at(slot, RUN_AT), runAtMillis);
  }

  /** Whether the task may have to wait before it is ready: whoever looks closer says. */
  public boolean isHeldBack(int slot) {
    return dueNanos(slot) != 0 || runAtMillis(slot) != 0 || pending(slot) != 0;
  }

  public long startByNanos(int slot) {
    return memory.getLong(at(slot, START_BY));
  }

  public long endByNanos(int slot) {
    return memory.getLong(at(slot, END_BY));
  }

  /** Monotonic, 0: none. */
  public void deadlines(int slot, long startByNanos, long endByNanos) {
    memory.putLong(at(slot, START_BY), startByNanos);
    memory.putLong(at(slot, END_BY), endByNanos);
  }

  public int backoffInitialMillis(int slot) {
    return memory.getInt(at(slot, BACKOFF_INITIAL));
  }

  public int backoffMaxMillis(int slot) {
    return memory.getInt(at(slot, BACKOFF_MAX));
  }

  public int backoffHundredths(int slot) {
    return memory.getInt(at(slot, BACKOFF_SHAPE)) >>> JITTER_BITS;
  }

  public int jitterPercent(int slot) {
    return memory.getInt(at(slot, BACKOFF_SHAPE)) & JITTER_MASK;
  }

  /** How long the task waits between two attempts. */
  public void backoff(
      int slot, int initialMillis, int maxMillis, int hundredths, int jitterPercent) {
    memory.putInt(at(slot, BACKOFF_INITIAL), initialMillis);
    memory.putInt(at(slot, BACKOFF_MAX), maxMillis);
    memory.putInt(at(slot, BACKOFF_SHAPE), hundredths << JITTER_BITS | jitterPercent);
  }

  public int workerDeathsMax(int slot) {
    return memory.getInt(at(slot, WORKER_DEATHS_MAX)) & DEATHS_MASK;
  }

  /** What stands for its affinity key, see {@link KeyHash#affinity}; 0: it has none. */
  public int affinity(int slot) {
    return memory.getInt(at(slot, WORKER_DEATHS_MAX)) >>> DEATHS_BITS;
  }

  /**
   * @param deaths leases that may be lost, at most 255
   * @param affinity at most 24 bits
   */
  public void workerDeathsMax(int slot, int deaths, int affinity) {
    memory.putInt(at(slot, WORKER_DEATHS_MAX), affinity << DEATHS_BITS | deaths);
  }

  /** What stands for its key, see {@link KeyHash}. */
  public long key(int slot) {
    return memory.getLong(at(slot, KEY));
  }

  public void key(int slot, long hash) {
    memory.putLong(at(slot, KEY), hash);
  }

  public int tenant(int slot) {
    return memory.getInt(at(slot, TENANT));
  }

  public void tenant(int slot, int number) {
    memory.putInt(at(slot, TENANT), number);
  }

  /** How many tasks this one waits for. */
  public int pending(int slot) {
    return memory.getIntAcquire(at(slot, PENDING));
  }

  /** PLM: in FILLING, and while the task is WAITING. */
  public void pending(int slot, int tasks) {
    memory.putIntRelease(at(slot, PENDING), tasks);
  }

  private long at(int slot, int field) {
    if (slot < 0 || slot >= capacity) {
      throw new IndexOutOfBoundsException("no such slot: slot=" + slot + " capacity=" + capacity);
    }
    return RegionHeader.BYTES + (long) slot * STRIDE + field;
  }
}
