package io.tidemill.shm.instance;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;

/**
 * When a task whose attempt failed is tried again. It follows from the task's terms and from the
 * attempt's record alone, randomness included, so that whoever reads the record after a death or a
 * reboot finds the same moment.
 */
public final class Backoffs {
  private static final double HUNDREDTHS = 100;

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;

  public Backoffs(Regions regions) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
  }

  /**
   * By whoever holds the slot: notes when the next attempt is due.
   *
   * @param attempt the number of the one that failed, from 1
   * @param failedMillis when it did, by the instance's clock
   * @return false if the task does not wait between attempts
   */
  public boolean postpone(int slot, int attempt, long failedMillis) {
    if (!tasks.hasTerms(slot)) {
      return false;
    }
    long due = dueMillis(slot, attempt, failedMillis);
    terms.due(slot, due == 0 ? 0 : Math.max(1, control.nanosAt(due)), 0);
    return due != 0;
  }

  /** When the next attempt is due, by the instance's clock; 0: at once. */
  public long dueMillis(int slot, int attempt, long failedMillis) {
    int initial = tasks.hasTerms(slot) ? terms.backoffInitialMillis(slot) : 0;
    if (initial == 0) {
      return 0;
    }
    long wait =
        waitMillis(
            initial,
            terms.backoffMaxMillis(slot),
            terms.backoffHundredths(slot),
            terms.jitterPercent(slot),
            attempt,
            tasks.id(slot));
    // The record's time was rounded down.
    return failedMillis + wait + 1;
  }

  /** The wait after an attempt: each longer than the one before, up to the longest, less jitter. */
  static long waitMillis(
      int initial, int max, int hundredths, int jitterPercent, int attempt, long taskId) {
    double longest = max == 0 ? Integer.MAX_VALUE : max;
    double full =
        Math.min(longest, initial * Math.pow(Math.max(1, hundredths / HUNDREDTHS), attempt - 1));
    return Math.round(full * (1 - jitterPercent / HUNDREDTHS * fraction(taskId, attempt)));
  }

  /** From 0 to 1, the same for the same attempt: the mixing of SplitMix64. */
  private static double fraction(long taskId, int attempt) {
    long mixed = taskId + attempt * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return ((mixed ^ (mixed >>> 31)) >>> 11) * 0x1.0p-53;
  }
}
