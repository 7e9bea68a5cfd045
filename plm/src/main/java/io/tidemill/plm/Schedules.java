package io.tidemill.plm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.plm.Definitions.Change;
import io.tidemill.plm.schedule.CatchUp;
import io.tidemill.plm.schedule.CronTimes;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.v1.OverlapPolicy;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.StoredScheduleState;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits the tasks of schedules when they are due. For one thread; an index of the definitions of
 * two kinds: what a schedule is, and how far it has come.
 *
 * <p>An occurrence becomes a task by one record of the journal, which names the schedule and the
 * occurrence; how far the schedule has come stands behind it in the same run. What a crash leaves:
 * neither, and the occurrence is still to come; both; or the first alone, which a start finds and
 * goes on from. So an occurrence is submitted once, and what is settled is never looked at again,
 * wherever the wall clock goes.
 */
final class Schedules {
  private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);

  /** In one turn: others want something of the thread, too. */
  private static final int ACTS_PER_TURN = 64;

  private static final long RETRY_MILLIS = 1_000;

  private static final Comparator<ScheduleEntry> BY_DUE =
      Comparator.comparingLong(ScheduleEntry::due).thenComparing(ScheduleEntry::name);

  private final Definitions definitions;
  private final ScheduleTasks tasks;
  private final LongSupplier wall;
  private final TreeMap<String, ScheduleEntry> entries = new TreeMap<>();
  private final TreeSet<ScheduleEntry> byDue = new TreeSet<>(BY_DUE);
  private final ArrayDeque<ScheduleEntry> behindOnes = new ArrayDeque<>();
  private long behindDue;
  private ScheduleRuns runs;

  Schedules(Definitions definitions, ScheduleTasks tasks, ScheduleRuns runs, LongSupplier wall) {
    this.definitions = definitions;
    this.tasks = tasks;
    this.runs = runs;
    this.wall = wall;
  }

  /** Whether there are any, before {@link #load} too. */
  boolean isNeeded() {
    return !definitions.all(DefinitionKind.SCHEDULE).isEmpty();
  }

  /** Takes over what a start has found; again does nothing. */
  void load() {
    if (runs == null) {
      return;
    }
    Map<String, byte[]> states = definitions.all(DefinitionKind.SCHEDULE_STATE);
    definitions
        .all(DefinitionKind.SCHEDULE)
        .forEach((name, body) -> load(body, states.getOrDefault(name, new byte[0])));
    runs = null;
  }

  private void load(byte[] body, byte[] stateBody) {
    StoredSchedule stored;
    StoredScheduleState state;
    try {
      stored = StoredSchedule.parseFrom(body);
      state = StoredScheduleState.parseFrom(stateBody);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a schedule in the journal cannot be read", e);
    }
    ScheduleRuns.Last last = runs.of(stored.getScheduleId());
    boolean behind = last.occurrence() > state.getSettledMs();
    if (behind) {
      state = submitted(state, last.occurrence());
    }
    ScheduleEntry entry = new ScheduleEntry(stored, times(stored), state, last.taskId());
    put(entry);
    if (behind) {
      behindOnes.add(entry);
    }
  }

  /** The submission that tells of an occurrence may go some day with its cycle. */
  private void writeBehind(long now) {
    while (!behindOnes.isEmpty()) {
      ScheduleEntry entry = behindOnes.peek();
      if (tasks.define(List.of(change(entry.name(), entry.state()))) != null) {
        behindDue = now + RETRY_MILLIS;
        return;
      }
      behindOnes.remove();
    }
  }

  /** Null if a later release cannot read it any more. */
  static CronTimes times(StoredSchedule stored) {
    Schedule schedule = stored.getSchedule();
    try {
      return CronTimes.parse(schedule.getCron(), schedule.getZone());
    } catch (IllegalArgumentException e) {
      LOG.error("a schedule is not followed any more: name={}", schedule.getName(), e);
      return null;
    }
  }

  // Occurrences.

  /** When something is due next, by the wall clock; {@link CronTimes#NEVER}: nothing is. */
  long due() {
    long first = byDue.isEmpty() ? CronTimes.NEVER : byDue.first().due();
    return behindOnes.isEmpty() ? first : Math.min(first, behindDue);
  }

  /** Does what is due, up to a limit; answers how much. */
  int turn() {
    load();
    int done = 0;
    long now = wall.getAsLong();
    writeBehind(now);
    while (done < ACTS_PER_TURN && !byDue.isEmpty() && byDue.first().due() <= now) {
      ScheduleEntry entry = byDue.pollFirst();
      try {
        act(entry, now);
      } finally {
        byDue.add(entry);
      }
      done++;
    }
    return done;
  }

  private void act(ScheduleEntry entry, long now) {
    CatchUp.Plan missed = entry.missed(now);
    if (missed == null) {
      occur(entry, entry.next(), now);
      return;
    }
    LOG.info(
        "occurrences were missed: schedule={} after={} through={} made_up={}",
        entry.name(),
        entry.state().getSettledMs(),
        missed.through(),
        missed.made().size());
    for (long occurrence : missed.made()) {
      if (!occur(entry, occurrence, now)) {
        return;
      }
    }
    settle(entry, entry.state().toBuilder().setSettledMs(missed.through()).build(), now);
  }

  /** False: it has to wait. */
  private boolean occur(ScheduleEntry entry, long occurrence, long now) {
    OverlapPolicy overlap = entry.schedule().getOverlap();
    boolean overlaps = entry.lastTaskId() != 0 && tasks.isLive(entry.lastTaskId());
    if (overlaps && overlap == OverlapPolicy.OVERLAP_POLICY_SKIP) {
      return skip(entry, occurrence, now);
    }
    if (overlaps && overlap == OverlapPolicy.OVERLAP_POLICY_CANCEL_LAST) {
      tasks.cancel(entry.lastTaskId(), "the next occurrence of its schedule is due");
    }
    return submit(entry, occurrence, now);
  }

  /** Another task runs, or holds its unique key. */
  private boolean skip(ScheduleEntry entry, long occurrence, long now) {
    StoredScheduleState state = entry.state();
    return settle(
        entry,
        state.toBuilder().setSettledMs(occurrence).setSkipped(state.getSkipped() + 1).build(),
        now);
  }

  private boolean submit(ScheduleEntry entry, long occurrence, long now) {
    StoredScheduleState state = submitted(entry.state(), occurrence);
    Batch batch = tasks.submit(entry.stored(), occurrence, List.of(change(entry.name(), state)));
    if (batch.duplicates() > 0) {
      return skip(entry, occurrence, now);
    }
    if (batch.refused().isEmpty()) {
      entry.lastTaskId(batch.id(0));
      entry.state(state);
      return true;
    }
    Refused refused = batch.refused().get(0);
    if (refused.retryAfterMillis() > 0) {
      entry.postpone(now + refused.retryAfterMillis(), refused.message());
      return false;
    }
    LOG.warn("an occurrence was refused: schedule={} {}", entry.name(), refused.message());
    entry.error(refused.message());
    return settle(entry, entry.state().toBuilder().setSettledMs(occurrence).build(), now);
  }

  /** Goes on without a task. False: it has to wait. */
  private boolean settle(ScheduleEntry entry, StoredScheduleState state, long now) {
    Refused refused = tasks.define(List.of(change(entry.name(), state)));
    if (refused != null) {
      entry.postpone(now + Math.max(RETRY_MILLIS, refused.retryAfterMillis()), refused.message());
      return false;
    }
    entry.state(state);
    return true;
  }

  private static StoredScheduleState submitted(StoredScheduleState before, long occurrence) {
    return before.toBuilder()
        .setSettledMs(occurrence)
        .setLastMs(occurrence)
        .setSubmitted(before.getSubmitted() + 1)
        .build();
  }

  static Change change(String name, StoredScheduleState state) {
    return new Change(DefinitionKind.SCHEDULE_STATE, name, state.toByteArray());
  }

  // For those who change schedules.

  /** Null: there is none. */
  ScheduleEntry find(String name) {
    return entries.get(name);
  }

  /** Those behind a name, by name. */
  Collection<ScheduleEntry> after(String name) {
    return entries.tailMap(name, false).values();
  }

  /** It is in the journal. */
  void put(ScheduleEntry entry) {
    remove(entry.name());
    entries.put(entry.name(), entry);
    byDue.add(entry);
  }

  /** It is not in the journal any more. */
  void remove(String name) {
    ScheduleEntry before = entries.remove(name);
    if (before != null) {
      byDue.remove(before);
    }
  }
}
