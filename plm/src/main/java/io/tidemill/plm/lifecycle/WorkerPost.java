package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Regions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The place of a stock worker. One that left on purpose, drained, leaves it empty until the next
 * start, unless it left so that another one comes.
 */
final class WorkerPost extends Post {
  private static final long STARTED_NANOS = Duration.ofSeconds(5).toNanos();

  private final int capacity;
  private final Launcher launcher;
  private final SharedView shared;
  private boolean drained;
  private long livedNanos;

  WorkerPost(
      String id,
      int capacity,
      DataDir dir,
      Launcher launcher,
      SharedView shared,
      Duration restartWaitMost,
      Runnable nudge) {
    super(id, new RunFiles(dir), restartWaitMost, nudge);
    this.capacity = capacity;
    this.launcher = launcher;
    this.shared = shared;
  }

  @Override
  Launched launch() throws IOException {
    return launcher.worker(name(), capacity);
  }

  /** Workers have no locks; those that run are found when the supervisor starts. */
  @Override
  boolean isTaken() {
    return false;
  }

  @Override
  Optional<Running> incumbent() {
    return Optional.empty();
  }

  @Override
  void entered() {
    livedNanos = 0;
  }

  /** Its beats are the Register's business; one that lives for a while has started well. */
  @Override
  void watch(long observedNanos) {
    if (livedNanos <= STARTED_NANOS) {
      livedNanos += observedNanos;
      if (livedNanos > STARTED_NANOS) {
        files().notFailed(name());
      }
    }
  }

  @Override
  boolean left(Optional<Integer> exit) {
    boolean replaced = files().takeReplace(name());
    drained = !replaced && exit.map(status -> status == 0).orElseGet(this::hasLeftItsRow);
    if (drained) {
      files().drained(name());
    }
    return !drained;
  }

  @Override
  boolean isWanted() {
    return !drained;
  }

  /**
   * Nobody else's child tells how it ended, but the Register keeps the row of a worker that did not
   * take its leave.
   */
  private boolean hasLeftItsRow() {
    return shared
        .latest()
        .map(Regions::workers)
        .filter(table -> WorkerRows.find(table, name()).isEmpty())
        .isPresent();
  }
}
