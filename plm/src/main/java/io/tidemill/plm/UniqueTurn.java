package io.tidemill.plm;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.StoredUniqueHold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * What the main loop does for unique keys that are held after the end, before ended tasks are taken
 * out of their slots: writes down for how long, and forgets what is over.
 *
 * <p>A crash anywhere leaves the ended task in its slot, or what it holds written; a start goes on
 * from either. What there is no room for on the disk is tried again with the next turn, and keeps
 * the tasks' slots until then.
 */
final class UniqueTurn {
  private static final int AT_A_TIME = 256;

  /** What is over is forgotten together with what is over so soon after. */
  private static final long SLEEP_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private record Hold(String key, StoredUniqueHold hold) {
    long until() {
      return hold.getUntilMs();
    }

    Definitions.Change change() {
      return new Definitions.Change(DefinitionKind.UNIQUE_HOLD, key, hold.toByteArray());
    }
  }

  private final Control control;
  private final TaskTable tasks;
  private final UniqueHolds holds;
  private final Acceptance acceptance;
  private final RecordReaders outcomes;
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private final PriorityQueue<Hold> byUntil =
      new PriorityQueue<>(Comparator.comparing(Hold::until));

  /** Found by a start, and not written yet. */
  private final List<Hold> lost = new ArrayList<>();

  UniqueTurn(
      Instance instance,
      UniqueHolds holds,
      FoundUniqueKeys found,
      Acceptance acceptance,
      RecordReaders outcomes) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.holds = holds;
    this.acceptance = acceptance;
    this.outcomes = outcomes;
    holds.all().forEach((key, body) -> byUntil.add(new Hold(key, UniqueHolds.parse(body))));
    found.ended().forEach(this::noteLost);
    holds.held(byUntil.size());
  }

  private void noteLost(String key, StoredUniqueHold hold) {
    StoredUniqueHold written = holds.hold(key);
    boolean isOver = hold.getUntilMs() <= control.nowMillis();
    // Found to the second only, so that the same one may seem to be longer.
    boolean isKnown = written != null && written.getTaskId() == hold.getTaskId();
    if (!isOver && !isKnown && (written == null || written.getUntilMs() < hold.getUntilMs())) {
      lost.add(new Hold(key, hold));
    }
  }

  /**
   * Before these are taken.
   *
   * @param found ids of tasks that are said to have ended
   */
  int turn(LongRing found) {
    if (holds.isEmpty() && byUntil.isEmpty() && lost.isEmpty()) {
      return 0;
    }
    int done = writeLost();
    for (int from = 0; !holds.isEmpty() && from < found.size(); from += AT_A_TIME) {
      done += write(found, from, Math.min(found.size(), from + AT_A_TIME));
    }
    done += forget();
    holds.held(byUntil.size());
    return done;
  }

  /** Until something is over; for ever if nothing is held. */
  long sleepNanosMax() {
    if (!lost.isEmpty()) {
      return SLEEP_NANOS_MIN;
    }
    if (byUntil.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long left = byUntil.peek().until() - control.nowMillis();
    return Math.max(SLEEP_NANOS_MIN, TimeUnit.MILLISECONDS.toNanos(left));
  }

  private int writeLost() {
    if (lost.isEmpty()) {
      return 0;
    }
    int done = acceptance.defineEach(changes(lost));
    List<Hold> written = lost.subList(0, done);
    byUntil.addAll(written);
    written.clear();
    return done;
  }

  private int write(LongRing found, int from, int to) {
    List<Hold> ended = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    for (int i = from; i < to; i++) {
      long id = found.get(i);
      UniqueHolds.Asked asked = holds.asked(id);
      long endedMillis = asked == null ? -1 : endedMillis(id);
      if (endedMillis >= 0) {
        ids.add(id);
        long until = endedMillis + asked.forMillis();
        if (until > control.nowMillis()) {
          ended.add(hold(asked.key(), id, until));
        }
      }
    }
    if (!ended.isEmpty() && acceptance.define(changes(ended)) != null) {
      return 0;
    }
    byUntil.addAll(ended);
    ids.forEach(holds::written);
    return ids.size();
  }

  private static Hold hold(String key, long id, long until) {
    return new Hold(key, StoredUniqueHold.newBuilder().setTaskId(id).setUntilMs(until).build());
  }

  /** Of the instance's clock; -1: it has not ended. */
  private long endedMillis(long id) {
    long word = tasks.wordOf(id);
    if (word == -1 || !StateWord.state(word).isEnd()) {
      return -1;
    }
    try (RecordReaders.Lent lent = outcomes.lend()) {
      RecordView record = lent.read(tasks.outcome(TaskId.slot(id)));
      return record == null ? control.nowMillis() : outcome.wrap(record).endedMillis();
    }
  }

  /** Those that are over go out of the journal, unless another task holds the key by now. */
  private int forget() {
    long now = control.nowMillis();
    List<Hold> over = new ArrayList<>();
    while (!byUntil.isEmpty() && byUntil.peek().until() <= now && over.size() < AT_A_TIME) {
      over.add(byUntil.poll());
    }
    List<Definitions.Change> removals =
        over.stream()
            .filter(each -> each.hold().equals(holds.hold(each.key())))
            .map(each -> Definitions.Change.removal(DefinitionKind.UNIQUE_HOLD, each.key()))
            .toList();
    if (!removals.isEmpty() && acceptance.define(removals) != null) {
      byUntil.addAll(over);
      return 0;
    }
    return over.size();
  }

  private static List<Definitions.Change> changes(List<Hold> some) {
    return some.stream().map(Hold::change).toList();
  }
}
