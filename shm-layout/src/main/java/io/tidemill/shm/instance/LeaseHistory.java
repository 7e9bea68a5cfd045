package io.tidemill.shm.instance;

import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The leases that a live task had before the one that it has: what the journal tells of its failed
 * attempts, and what is noted of the leases that were taken back and handed back since.
 */
public final class LeaseHistory {
  private final Control control;
  private final LeaseTable taken;
  private final LeaseTable returned;

  public LeaseHistory(Regions regions) {
    this.control = regions.control();
    this.taken = regions.leasesTaken();
    this.returned = regions.leasesReturned();
  }

  /** Whether a task had any, by its slot's word: without one there is nothing to look for. */
  public static boolean hasPast(long word, int attemptsFailed) {
    return attemptsFailed > 0 || leasesOver(word) > 0;
  }

  /** How many leases of this epoch are over, by a slot's word. */
  public static int leasesOver(long word) {
    int number = StateWord.lease(word);
    return StateWord.worker(word) == StateWord.NO_WORKER ? number : Math.max(0, number - 1);
  }

  /**
   * @param word of the task's slot
   * @param journaled by its last failed attempt
   * @param journaledToken that attempt's lease; 0: none has failed
   */
  public PastLeases of(long taskId, long word, PastLeases journaled, long journaledToken) {
    TreeMap<Long, PastLease> known = new TreeMap<>();
    taken.read(taskId).forEach(lease -> known.put(lease.token(), lease));
    returned.read(taskId).forEach(lease -> known.merge(lease.token(), lease, LeaseHistory::merged));
    // A lease that failed was asked for in vain, whatever is noted.
    journaled.leases().forEach(lease -> known.put(lease.token(), lease));
    if (StateWord.worker(word) != StateWord.NO_WORKER) {
      known.remove(TaskId.lease(control.epoch(), StateWord.lease(word)));
    }
    List<PastLease> leases = new ArrayList<>(known.values());
    return new PastLeases(former(journaled, journaledToken), leases);
  }

  private int former(PastLeases journaled, long token) {
    return token == 0 || TaskId.leaseEpoch(token) == control.epoch()
        ? journaled.former()
        : journaled.former() + TaskId.leaseNumber(token);
  }

  /** The Main Scheduler's note of a lease, and the Register's: a crash may leave one too many. */
  private static PastLease merged(PastLease taken, PastLease returned) {
    if (taken.end().isAsked()) {
      return returned.with(taken.end());
    }
    return taken.overMillis() > returned.overMillis() ? taken : returned;
  }

  /** The same with one more, which is the newest. */
  public static PastLeases with(PastLeases past, PastLease last) {
    List<PastLease> leases = new ArrayList<>(past.leases());
    leases.removeIf(lease -> lease.token() == last.token());
    leases.add(last);
    return new PastLeases(past.former(), leases);
  }

  /** What is not known of a lease that was over without any note: it is one of the missing ones. */
  public static int missing(PastLeases past, int leasesOver) {
    return Math.max(0, past.former() + leasesOver - past.leases().size());
  }

  /** How a worker's lease is noted. */
  public PastLease note(
      long token, LeaseEnd end, String workerId, long assigned, long started, int attempt) {
    boolean ran = started != 0 && started - assigned >= 0;
    return new PastLease(
        token,
        end,
        workerId,
        control.millisAt(assigned),
        ran ? control.millisAt(started) : 0,
        control.nowMillis(),
        attempt,
        0,
        "");
  }
}
