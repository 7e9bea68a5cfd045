package io.tidemill.shm.inspect;

import java.util.List;

/**
 * What a repair found, and what it did or would do.
 *
 * @param data the folder
 * @param sound nothing is to be repaired
 * @param repaired it was done
 * @param journals both
 * @param epochFlaw what is wrong with the epoch file; empty: nothing
 * @param epoch that a repair writes, or the one there is
 * @param missingAtMost records that are gone, by their numbers; those at the very end leave no
 *     trace
 * @param firstMissing the lowest number that no record has
 * @param lastMissing the highest one
 * @param liveTasks tasks that a start will have: with a submission and without an outcome
 * @param tasksKnown whether the mapped files could be asked whose records are gone
 * @param lostTasks how many of the accepted tasks in the mapped files have no submission any more
 * @param lostTaskIds the first of them
 * @param lostOutcomes how many of the ended ones have no outcome any more; they run again
 * @param lostOutcomeIds the first of them
 * @param notes for people
 */
public record RepairReport(
    String data,
    boolean sound,
    boolean repaired,
    List<JournalPart> journals,
    String epochFlaw,
    int epoch,
    long missingAtMost,
    long firstMissing,
    long lastMissing,
    long liveTasks,
    boolean tasksKnown,
    long lostTasks,
    List<String> lostTaskIds,
    long lostOutcomes,
    List<String> lostOutcomeIds,
    List<String> notes) {
  /**
   * One journal.
   *
   * @param name of it
   * @param readable records
   * @param tornTails that crashes left and every reader cuts
   * @param damage where it cannot be read
   * @param markFlaw what is wrong with its file {@code forced}; empty: nothing
   * @param aside where the damaged files are kept; empty: nothing was done
   */
  public record JournalPart(
      String name,
      long readable,
      int tornTails,
      List<Place> damage,
      String markFlaw,
      String aside) {
    boolean isSound() {
      return damage.isEmpty() && markFlaw.isEmpty();
    }

    JournalPart withAside(String folder) {
      return new JournalPart(name, readable, tornTails, damage, markFlaw, folder);
    }
  }

  /** A place that cannot be read. */
  public record Place(String file, long offset, String what) {}

  RepairReport after(List<JournalPart> done) {
    return new RepairReport(
        data,
        sound,
        true,
        done,
        epochFlaw,
        epoch,
        missingAtMost,
        firstMissing,
        lastMissing,
        liveTasks,
        tasksKnown,
        lostTasks,
        lostTaskIds,
        lostOutcomes,
        lostOutcomeIds,
        notes);
  }
}
