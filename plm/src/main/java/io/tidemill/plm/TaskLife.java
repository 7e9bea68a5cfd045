package io.tidemill.plm;

import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.TaskState;
import java.util.List;

/**
 * What is known of a task's life so far. Times are of the instance's clock, in ms; 0: has not
 * happened.
 *
 * @param accepted what its submission record says
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
    Accepted accepted,
    PastLeases past,
    int leasesGone,
    boolean reboot,
    Held held,
    End end,
    String cancel) {

  /**
   * With what it was accepted, and what was changed of that since.
   *
   * @param dueMillis not before; 0: at once
   * @param runAtWallMillis the same by the wall clock
   * @param waitsFor how many tasks it waits for, or waited for
   * @param releasedMillis when it had none of them to wait for any more
   * @param priorities its changes of priority, oldest first
   * @param prioritiesGone changes that were before those
   */
  record Accepted(
      long millis,
      long dueMillis,
      long runAtWallMillis,
      int waitsFor,
      long releasedMillis,
      List<Priority> priorities,
      int prioritiesGone) {
    /** The record is not there any more: no more is known than the moment. */
    static Accepted at(long millis) {
      return new Accepted(millis, 0, 0, 0, 0, List.of(), 0);
    }
  }

  /** A change of the priority. */
  record Priority(int before, int after, long millis) {}

  /** A lease that the task is under, or that ended it. */
  record Held(long token, String workerId, long assignedMillis, long startedMillis) {}

  /** How it ended, and how long the handler ran then. */
  record End(long millis, String error, long runMicros) {}
}
