package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import java.util.function.Supplier;

/**
 * One operation on a region, from one state: what a process does, what another one may do
 * meanwhile, what is done after a death, what everybody may see at any time, and what has to hold
 * in the end.
 */
record Scenario(String name, boolean hasRival, Supplier<Case> fresh) {

  /** The region in the state before. Used up by one run. */
  abstract static class Case {
    final HeapMemory memory;

    Case(HeapMemory memory) {
      this.memory = memory;
    }

    /** The operation, by a process that sees the region through {@code by}. */
    abstract void operate(Memory by);

    /** What another process does at the same time. */
    void rival(Memory by) {
      throw new UnsupportedOperationException();
    }

    /**
     * What the next process of the role does, or the next that writes there. May die and is done
     * again.
     */
    abstract void recover(Memory by);

    /** What others may see, at any time. */
    abstract void look(Memory by);

    /** After the recovery. */
    abstract void check(Memory by);
  }

  static Scenario of(String name, Supplier<Case> fresh) {
    return new Scenario(name, false, fresh);
  }

  static Scenario withRival(String name, Supplier<Case> fresh) {
    return new Scenario(name, true, fresh);
  }
}
