package io.tidemill.shm.inspect;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.ErrorLog;
import io.tidemill.shm.region.TaskState;
import java.util.List;
import java.util.Map;

/**
 * What an instance's mapped files and journals held when they were looked at. Of a running instance
 * it is no single moment: each value was true while it was read.
 */
public record InstanceReport(
    Header header,
    List<ProcessRow> processes,
    Map<TaskState, Long> slots,
    List<Lane> lanes,
    List<Worker> workers,
    List<Held> held,
    List<RingState> rings,
    Map<Counter, Long> counters,
    List<ErrorLog.Entry> errors,
    List<JournalState> journals,
    List<Finding> findings) {

  /**
   * The set of files.
   *
   * @param data the instance's folder
   * @param mapped where the mapped files are
   * @param thisBoot whether they were made since the host was booted; if not, the next start makes
   *     them anew
   * @param epoch that the files were made under
   * @param durableEpoch what the file beside them says
   * @param slotsUsed slots that were ever taken, of {@code tasksMax}
   * @param placement the setting placement.policy
   */
  public record Header(
      String data,
      String mapped,
      String magic,
      int version,
      String stamp,
      String boot,
      boolean thisBoot,
      int epoch,
      int durableEpoch,
      long createdMillis,
      long lastSequence,
      int slotsUsed,
      int tasksMax,
      int workersMax,
      int typesMax,
      String placement) {}

  /**
   * A row of the process table.
   *
   * @param alive whether somebody holds the role's lock, whatever the row says
   * @param pid of the one that holds the lock, else the last one's
   */
  public record ProcessRow(
      String role,
      boolean alive,
      long pid,
      long incarnation,
      String phase,
      long startedMillis,
      long beats,
      long sweepsAsked,
      long sweepsDone) {}

  /** A task type's heap: how many entries there are, and the best ones in order. */
  public record Lane(int number, String type, long size, List<Queued> best) {}

  /**
   * An entry of a heap.
   *
   * @param id empty: the slot holds another task by now
   * @param state of the slot it names
   * @param stale the slot is not ready any more, or holds another task: the entry goes when it
   *     surfaces
   */
  public record Queued(
      String id, int slot, int priority, long sequence, String state, boolean stale) {}

  /**
   * A worker's row.
   *
   * @param inFlight leases, as the Main Scheduler counts them
   * @param held slots under a lease of its
   * @param lastBeatMillis age of the last beat, or -1 if the files are of another boot
   */
  public record Worker(
      int row,
      String id,
      String state,
      long incarnation,
      int capacity,
      int inFlight,
      int window,
      long held,
      int running,
      int queued,
      long succeeded,
      long failed,
      long lastBeatMillis,
      String host,
      int pid,
      List<String> types) {}

  /** A task under a lease. */
  public record Held(
      String id, int slot, int worker, String workerId, int lease, String state, int priority) {}

  /** How many entries wait in a ring. */
  public record RingState(String name, int size, boolean overflown) {}

  /**
   * A journal.
   *
   * @param bytes on the disk
   * @param lastPosition of the last record, as cycle:offset; empty: there is none
   */
  public record JournalState(
      String name,
      int cycles,
      int firstCycle,
      long bytes,
      long records,
      long lastSequence,
      String lastPosition) {}

  /**
   * Something that is not as it should be, or is about to be settled.
   *
   * @param kind a name for programs
   * @param count how many times
   * @param text for people: what it is, an example, and what follows
   */
  public record Finding(String kind, long count, String text) {}
}
