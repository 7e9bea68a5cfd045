package io.tidemill.plm;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.util.concurrent.locks.LockSupport;

/**
 * Goes over all tasks while they move, in steps: each that there is from the first step to the last
 * comes exactly once, though it may move from its slot to the index of ended tasks meanwhile.
 *
 * <p>First come the slots, from the first to the last. What is taken out of a slot becomes the
 * newest in the index, under the lock of {@link Ends}. A step holds that lock, too, and before it
 * looks at further slots it looks at all that has become new in the index since the step before: of
 * that, what was in a slot which is still to come is met here, since it will not be met there; what
 * was in a slot that has been looked at was met there. So at the end of a step each task has been
 * met if and only if its slot is behind us, or its number in the index is. Then come those that
 * were in the index when the walk began: there they stay, or they are let go of.
 *
 * <p>What was submitted after the walk began is left out, so that it comes to its end.
 *
 * <p>Where it goes on is a {@link ListToken}, so nothing is kept here between calls. A restart of
 * the PLM numbers the index anew, by the positions of the outcomes: then what has ended since the
 * walk began is looked at again, and of the others it goes on with the lowest position that had not
 * been met; a task may come twice, none is left out.
 */
final class TaskWalk {
  /** What is met: in its slot or kept. */
  interface Visitor {
    /** How many more it takes now; 0 ends the call. */
    int room();

    /**
     * A task that may match.
     *
     * @param state its number, as it was met
     * @param sure whether it does match, as it was met
     */
    void slot(long id, int state, boolean sure);

    /** The same of a kept one, whose records stand there. */
    void kept(long id, int state, long outcome, long submission, boolean sure);
  }

  /** Looked at under one hold of the lock. */
  private static final int STEP = 256;

  /** After so many steps those who wait for the lock get it in any case: it is not a fair one. */
  private static final int STEPS_AT_A_TIME = 8;

  /** Looked at in one call. */
  private static final int LOOKS_PER_CALL = 200_000;

  /** By how many places an outcome may have come late into the index. */
  private static final int LATE_MAX = 4_096;

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final long incarnation;
  private final FreeSlots free;
  private final CycleUse cycles;
  private final Ends ends;
  private final TaskViews views;

  TaskWalk(
      Regions regions,
      long incarnation,
      FreeSlots free,
      CycleUse cycles,
      Ends ends,
      TaskViews views) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.incarnation = incarnation;
    this.free = free;
    this.cycles = cycles;
    this.ends = ends;
    this.views = views;
  }

  /**
   * Where a request goes on.
   *
   * @param text of the answer before; empty: it begins
   * @param filter a hash of what it looks for
   */
  ListToken position(String text, int filter) {
    if (text.isEmpty()) {
      long begun = control.lastSequence();
      return ends.whileStill(
          kept ->
              new ListToken(
                  incarnation,
                  filter,
                  begun,
                  kept.nextNumber(),
                  cycles.lastOutcome(),
                  false,
                  kept.nextNumber(),
                  0,
                  0));
    }
    ListToken token = ListToken.parse(text, filter);
    return token.incarnation() == incarnation
        ? token
        : ends.whileStill(kept -> renumbered(token, kept));
  }

  private ListToken renumbered(ListToken token, EndedTasks kept) {
    long before = kept.firstNumberFrom(token.outcome() + 1);
    long number = token.inKept() ? kept.firstNumberFrom(token.next()) : before;
    return token.renumbered(incarnation, before, number);
  }

  /**
   * Goes on until it has looked at enough, the visitor has, or there is no more.
   *
   * @return where to go on; empty: that was all
   */
  String walk(ListToken from, TaskMatcher matcher, Visitor visitor) {
    Step step = new Step(from, matcher);
    for (int steps = 1; steps * STEP <= LOOKS_PER_CALL && visitor.room() > 0; steps++) {
      if (steps % STEPS_AT_A_TIME == 0) {
        LockSupport.parkNanos(1);
      }
      step.begin(Math.min(STEP, visitor.room()), free.frontier());
      ends.whileStill(
          kept -> {
            step.look(kept);
            return null;
          });
      for (int i = 0; i < step.found; i++) {
        if (visitor.room() == 0) {
          return text(step.before(i));
        }
        step.tell(i, visitor);
      }
      if (step.isAtEnd) {
        return "";
      }
    }
    return text(step.position());
  }

  /**
   * With what a PLM that starts again goes on with: some are not in the order of their outcomes.
   */
  private String text(ListToken token) {
    return token.inKept()
        ? token.withNext(ends.whileStill(kept -> lowestOutcome(token, kept))).text()
        : token.text();
  }

  private static long lowestOutcome(ListToken token, EndedTasks kept) {
    long from = Math.max(token.number(), kept.oldestNumber());
    long to = Math.min(Math.min(token.keptBefore(), kept.nextNumber()), from + LATE_MAX);
    long lowest = Long.MAX_VALUE;
    for (long number = from; number < to; number++) {
      lowest = Math.min(lowest, kept.outcome(kept.index(number)));
    }
    return lowest;
  }

  /** What is met under one hold of the lock, and how far that is. */
  private final class Step {
    private final ListToken walk;
    private final TaskMatcher matcher;
    private boolean inKept;
    private long number;
    private int slot;
    private boolean isAtEnd;
    private int most;
    private int frontier;

    private int found;
    private final boolean[] ofSlot = new boolean[STEP];
    private final boolean[] sure = new boolean[STEP];
    private final int[] states = new int[STEP];
    private final long[] ids = new long[STEP];
    private final long[] outcomes = new long[STEP];
    private final long[] submissions = new long[STEP];

    /** Where it would have been looked at. */
    private final ListToken[] places = new ListToken[STEP];

    Step(ListToken walk, TaskMatcher matcher) {
      this.walk = walk;
      this.matcher = matcher;
      this.inKept = walk.inKept();
      this.number = walk.number();
      this.slot = walk.slot();
    }

    /**
     * @param atMost what may be found
     * @param slots of those that are in use
     */
    void begin(int atMost, int slots) {
      most = atMost;
      frontier = slots;
      found = 0;
    }

    ListToken position() {
      return walk.at(inKept, number, slot);
    }

    ListToken before(int index) {
      return places[index];
    }

    /** Under the lock. */
    void look(EndedTasks kept) {
      if (inKept) {
        lookAtKept(kept);
        return;
      }
      int looks = lookAtNew(kept);
      if (number < kept.nextNumber()) {
        return; // as much as fits into one step
      }
      for (; slot < frontier && looks < STEP && found < most; slot++, looks++) {
        lookAtSlot();
      }
      if (slot >= frontier) {
        inKept = true;
        number = kept.oldestNumber();
      }
    }

    private int lookAtNew(EndedTasks kept) {
      int looks = 0;
      number = Math.max(number, kept.oldestNumber());
      for (; number < kept.nextNumber() && looks < STEP && found < most; number++, looks++) {
        int at = kept.index(number);
        if (TaskId.slot(kept.id(at)) >= slot && !kept.isDiscarded(at)) {
          note(kept, at);
        }
      }
      return looks;
    }

    private void lookAtSlot() {
      long word = tasks.word(slot);
      TaskState state = StateWord.state(word);
      if (!(state.isLive() || state.isEnd()) || tasks.sequence(slot) > walk.begun()) {
        return;
      }
      int shown = views.shownState(slot, word).number();
      long key = tasks.hasTerms(slot) ? terms.key(slot) : 0;
      int match = matcher.slot(shown, tasks.type(slot), key);
      if (match != TaskMatcher.NO) {
        add(true, tasks.id(slot), shown, match);
      }
    }

    private void lookAtKept(EndedTasks kept) {
      number = Math.max(number, kept.oldestNumber());
      long end = Math.min(walk.keptBefore(), kept.nextNumber());
      for (int looks = 0; number < end && looks < STEP && found < most; looks++) {
        int at = kept.index(number);
        if (!kept.isDiscarded(at)) {
          note(kept, at);
        }
        number++;
      }
      isAtEnd = number >= end;
    }

    private void note(EndedTasks kept, int at) {
      int state = kept.state(at).number();
      int match = matcher.kept(state, kept.type(at), kept.endedSeconds(at));
      if (match != TaskMatcher.NO) {
        outcomes[found] = kept.outcome(at);
        submissions[found] = kept.submission(at);
        add(false, kept.id(at), state, match);
      }
    }

    private void add(boolean isSlot, long id, int state, int match) {
      ofSlot[found] = isSlot;
      ids[found] = id;
      states[found] = state;
      sure[found] = match == TaskMatcher.YES;
      places[found] = position();
      found++;
    }

    /** Under no lock. */
    void tell(int i, Visitor visitor) {
      if (ofSlot[i]) {
        visitor.slot(ids[i], states[i], sure[i]);
      } else if (places[i].inKept() || !isNew(submissions[i])) {
        visitor.kept(ids[i], states[i], outcomes[i], submissions[i], sure[i]);
      }
    }

    /** Whether a task that ended meanwhile was submitted meanwhile, too. */
    private boolean isNew(long submission) {
      return views.sequence(submission) > walk.begun();
    }
  }
}
