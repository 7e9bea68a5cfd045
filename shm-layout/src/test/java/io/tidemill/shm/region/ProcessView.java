package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;

/**
 * What one process has of a region: its k-th write may be its last, or wait for another process.
 */
final class ProcessView extends HeapMemory {
  /** The process dies. */
  static final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death() {
      super("dies here", null, false, false);
    }
  }

  /** What happens before a write. */
  @FunctionalInterface
  interface Hook {
    void beforeWrite(int index);
  }

  private final Hook hook;
  private int writes;

  ProcessView(HeapMemory shared, Hook hook) {
    super(shared);
    this.hook = hook;
  }

  /** Dies before its write of this index. */
  static ProcessView dyingAt(HeapMemory shared, int death) {
    return new ProcessView(
        shared,
        index -> {
          if (index == death) {
            throw new Death();
          }
        });
  }

  @Override
  protected void beforeWrite() {
    hook.beforeWrite(writes++);
  }

  int writes() {
    return writes;
  }
}
