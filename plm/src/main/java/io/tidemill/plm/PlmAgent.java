package io.tidemill.plm;

import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskTable;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The main loop of the PLM: takes what has ended, and sees that those who wait hear of it. */
final class PlmAgent implements Agent, Ends.Sink {
  private static final int ENTRIES_PER_TURN = 8_192;

  /** Taken under one hold of the lock. */
  private static final int TAKEN_AT_A_TIME = 256;

  /** How often ends that wait for the Register's force are looked at, if it says nothing. */
  private static final long UNFORCED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Control control;
  private final TaskTable tasks;
  private final Ring ended;
  private final FreeSlots free;
  private final Ends ends;
  private final Sessions sessions;
  private final Latencies latencies;

  private final LongRing found = new LongRing();
  private LongRing unforced = new LongRing();
  private LongRing lookedAt = new LongRing();
  private long unforcedSeen;
  private final DependencyTurn dependencies;
  private final UniqueTurn unique;
  private final AckTurn acks;

  /** Ended, and what hangs on that is not safe yet: looked at again with the next turn. */
  private final LongRing awaited = new LongRing();

  private final Set<SessionStream> told = new LinkedHashSet<>();
  private SessionStream lastTold;
  private long turnNanos;

  PlmAgent(
      Regions regions,
      FreeSlots free,
      Ends ends,
      Sessions sessions,
      Latencies latencies,
      DependencyTurn dependencies,
      UniqueTurn unique,
      AckTurn acks) {
    this.unique = unique;
    this.acks = acks;
    this.dependencies = dependencies;
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.ended = regions.rings().registerToPlm();
    this.free = free;
    this.ends = ends;
    this.sessions = sessions;
    this.latencies = latencies;
  }

  @Override
  public int doWork(long nowNanos) {
    turnNanos = nowNanos;
    latencies.turn(nowNanos);
    ends.turn();
    int done = ended.drain((event, id) -> found.add(id), ENTRIES_PER_TURN);
    done += sweepIfAsked();
    int again = lookAgain();
    done += dependencies.turn(found);
    done += unique.turn(found);
    done += Math.max(0, takeFound() - again);
    done += takeForced();
    ends.callWaiters();
    done += acks.turn();
    sendResults();
    return done;
  }

  private int lookAgain() {
    int count = awaited.size();
    for (int i = 0; i < count; i++) {
      found.add(awaited.get(i));
    }
    awaited.clear();
    return count;
  }

  @Override
  public boolean hasWork() {
    return !ended.isEmpty()
        || !acks.isEmpty()
        || dependencies.hasNews()
        || ended.isOverflown()
        || control.sweepAsked(Role.PLM) > control.sweepDone(Role.PLM)
        || (!unforced.isEmpty() && control.outcomesForced() > unforcedSeen);
  }

  @Override
  public long sleepNanosMax() {
    boolean idle = unforced.isEmpty() && awaited.isEmpty() && !dependencies.hasWork();
    return idle ? unique.sleepNanosMax() : UNFORCED_NANOS;
  }

  /** A start has found these. */
  void found(LongRing ids) {
    for (int i = 0; i < ids.size(); i++) {
      found.add(ids.get(i));
    }
  }

  private int sweepIfAsked() {
    long asked = control.sweepAsked(Role.PLM);
    if (asked == control.sweepDone(Role.PLM) && !ended.isOverflown()) {
      return 0;
    }
    ended.clearOverflow();
    unforced.clear();
    int frontier = free.frontier();
    for (int slot = 0; slot < frontier; slot++) {
      if (StateWord.state(tasks.word(slot)).isEnd()) {
        found.add(tasks.id(slot));
      }
    }
    control.sweepDone(Role.PLM, asked);
    return 1;
  }

  private int takeFound() {
    int count = found.size();
    for (int from = 0; from < count; from += TAKEN_AT_A_TIME) {
      ends.take(found, from, Math.min(count, from + TAKEN_AT_A_TIME), unforced, awaited);
    }
    found.clear();
    return count;
  }

  private int takeForced() {
    long forced = control.outcomesForced();
    if (unforced.isEmpty() || forced == unforcedSeen) {
      return 0;
    }
    unforcedSeen = forced;
    LongRing again = unforced;
    unforced = lookedAt;
    lookedAt = again;
    dependencies.turn(again);
    unique.turn(again);
    int taken = ends.take(again, 0, again.size(), unforced, awaited);
    again.clear();
    return taken;
  }

  @Override
  public void onTaken(long sessionId, long number, long taskId, long outcome, long submittedNanos) {
    latencies.record(turnNanos - submittedNanos);
    if (sessionId == 0) {
      return;
    }
    Session session = sessions.find(sessionId);
    SessionStream stream = session == null ? null : session.stream();
    if (stream != null && stream.wantsResults()) {
      stream.queue(taskId, outcome, number);
      tell(stream);
    }
  }

  @Override
  public void onAwaited(SessionStream stream, Ends.Awaited awaited, long outcome) {
    stream.queue(awaited, outcome);
    tell(stream);
  }

  private void tell(SessionStream stream) {
    if (stream != lastTold) {
      told.add(stream);
    }
    lastTold = stream;
  }

  private void sendResults() {
    for (SessionStream stream : told) {
      stream.pump();
    }
    told.clear();
    lastTold = null;
  }
}
