package io.tidemill.plm;

import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.TaskState;

/**
 * What is known of a task's life so far. Times are of the instance's clock, in ms; 0: has not
 * happened.
 *
 * @param dueMillis not before; 0: at once
 * @param runAtWallMillis the same by the wall clock
 * @param waitsFor how many tasks it waits for, or waited for
 * @param releasedMillis when it had none of them to wait for any more
 * @param past the leases before {@code held}, and before the one that ended it
 * @param leasesGone leases that were over and are not among {@code past}
 * @param reboot the mapped files were made anew since it was accepted
 * @param held the lease that it is under; null: none
 * @param end null: it lives
 * @param cancel why its cancellation was asked for, perhaps empty; null: it was not
 */
record TaskLife(
    long id,
    TaskState state,
    int attempt,
    long acceptedMillis,
    long dueMillis,
    long runAtWallMillis,
    int waitsFor,
    long releasedMillis,
    PastLeases past,
    int leasesGone,
    boolean reboot,
    Held held,
    End end,
    String cancel) {

  /** A lease that the task is under, or that ended it. */
  record Held(long token, String workerId, long assignedMillis, long startedMillis) {}

  /** How it ended, and how long the handler ran then. */
  record End(long millis, String error, long runMicros) {}
}
