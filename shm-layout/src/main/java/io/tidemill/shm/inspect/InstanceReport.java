package io.tidemill.shm.inspect;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.ErrorLog;
import io.tidemill.shm.region.Offer;
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
    List<WithTerms> terms,
    List<RuleState> rules,
    List<DefinitionState> definitions,
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
   * @param priority of the task that its slot holds now
   * @param state of the slot it names
   * @param stale the slot is not ready any more, holds another task, or its task has another
   *     priority by now: the entry goes when it surfaces
   */
  public record Queued(
      String id, int slot, int priority, long sequence, String state, boolean stale) {}

  /**
   * A worker's row.
   *
   * @param inFlight leases, as the Main Scheduler counts them
   * @param held slots under a lease of its
   * @param lastBeatMillis age of the last beat, or -1 if the files are of another boot
   * @param queues that it takes from, with weights; none: all
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
      List<String> types,
      List<Offer.Share> queues,
      String queueOrder,
      Map<String, String> labels,
      Map<String, Long> amounts) {}

  /** A task under a lease. */
  public record Held(
      String id, int slot, int worker, String workerId, int lease, String state, int priority) {}

  /**
   * A live task that asks for more than every task does. Times are of the instance's clock; 0:
   * none.
   *
   * @param lane its type, queue, labels and amounts
   * @param dueMillis not before
   * @param runAtMillis not before, by the wall clock
   * @param workerDeathsMax 0: the setting
   * @param returns leases lost while it ran
   * @param announces its start has to be known before it happens
   * @param key what stands for its key; empty: none
   * @param pending how many tasks it waits for
   * @param extra what only the PLM understands, of its submission: dependencies, a schedule
   */
  @SuppressWarnings("ArrayRecordComponent") // Not compared.
  public record WithTerms(
      String id,
      int slot,
      String state,
      String lane,
      long dueMillis,
      long runAtMillis,
      long startByMillis,
      long endByMillis,
      long backoffInitialMillis,
      long backoffMaxMillis,
      double backoffMultiplier,
      int backoffJitterPercent,
      int workerDeathsMax,
      int returns,
      boolean announces,
      String key,
      int pending,
      byte[] extra) {}

  /**
   * What holds for a queue or a key, as the Main Scheduler reads it; 0: any.
   *
   * @param most live tasks of a queue, or running ones of a key
   * @param permits leases in a period
   */
  public record RuleState(
      String of,
      String name,
      boolean paused,
      long most,
      long permits,
      long periodMillis,
      long burst) {}

  /**
   * Something beside tasks that the submissions journal keeps.
   *
   * @param kind QUEUE, SCHEDULE, LIMIT, SCHEDULE_STATE or TASK_END; a number: of a later release
   * @param writtenMillis wall clock
   */
  @SuppressWarnings("ArrayRecordComponent") // Not compared.
  public record DefinitionState(
      String kind, String name, long writtenMillis, long sequence, int bytes, byte[] body) {}

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
