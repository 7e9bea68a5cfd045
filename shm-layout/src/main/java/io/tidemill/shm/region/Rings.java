package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/** The rings between the processes: one for each producer and consumer that speak to each other. */
public final class Rings {
  /** In entries, each ring, in an instance's files. */
  static final int CAPACITY = 1 << 16;

  private static final int RINGS = 5;

  /** A word of an entry: what happened, to which slot or row. */
  public static long event(int kind, int index) {
    return ((long) kind << 32) | index;
  }

  public static int kind(long event) {
    return (int) (event >>> 32);
  }

  public static int index(long event) {
    return (int) event;
  }

  /** Entry kinds; the second long follows the colon. */
  public static final int TASK_READY = 1; // slot: sequence

  /** Register to Main Scheduler, worker row: how many of its leases ended. */
  public static final int CAPACITY_RETURNED = 2;

  /** Register to Main Scheduler, worker row: its incarnation. Look at the row. */
  public static final int WORKER_CHANGED = 3;

  /** Register to PLM, slot: the task's id. */
  public static final int TASK_ENDED = 4;

  /** PLM to Register, slot: the task's id. */
  public static final int TASK_CANCEL = 5;

  /** Main Scheduler to Register, worker row: its incarnation. Its dispatch stream broke. */
  public static final int WORKER_LOST = 6;

  /** Main Scheduler to Register, slot: the task's id. Its returns are used up. */
  public static final int TASK_DEAD = 7;

  /** Register to Main Scheduler, slot: the lease token. The attempt overran: take it back. */
  public static final int TASK_OVERRUN = 8;

  /** PLM and Register to Main Scheduler, slot: its sequence. It may be due later. */
  public static final int TASK_WAITING = 9;

  /** Main Scheduler to Register, slot: the task's id. A deadline of its is over. */
  public static final int TASK_EXPIRED = 10;

  private final Ring plmToScheduler;
  private final Ring registerToScheduler;
  private final Ring registerToPlm;
  private final Ring plmToRegister;
  private final Ring schedulerToRegister;

  public Rings(Memory memory) {
    int entries = entriesIn(memory.size());
    this.plmToScheduler = ring(memory, 0, entries);
    this.registerToScheduler = ring(memory, 1, entries);
    this.registerToPlm = ring(memory, 2, entries);
    this.plmToRegister = ring(memory, 3, entries);
    this.schedulerToRegister = ring(memory, 4, entries);
  }

  public static long bytes() {
    return bytes(CAPACITY);
  }

  /** For rings of so many entries, a power of two: tests have short ones, which run over. */
  public static long bytes(int entries) {
    return RegionHeader.BYTES + RINGS * Ring.bytes(entries);
  }

  /** The longest rings that a region of this size has room for. */
  private static int entriesIn(long regionBytes) {
    int entries = CAPACITY;
    while (entries > 1 && bytes(entries) > regionBytes) {
      entries /= 2;
    }
    return entries;
  }

  private static Ring ring(Memory memory, int index, int entries) {
    return new Ring(memory, RegionHeader.BYTES + index * Ring.bytes(entries), entries);
  }

  /** Submissions. */
  public Ring plmToScheduler() {
    return plmToScheduler;
  }

  /** Capacity that is free again, tasks to try again, workers that came or went. */
  public Ring registerToScheduler() {
    return registerToScheduler;
  }

  /** The completion ring. */
  public Ring registerToPlm() {
    return registerToPlm;
  }

  /** Cancellations. */
  public Ring plmToRegister() {
    return plmToRegister;
  }

  /** Workers that cannot be reached, tasks that died. */
  public Ring schedulerToRegister() {
    return schedulerToRegister;
  }
}
