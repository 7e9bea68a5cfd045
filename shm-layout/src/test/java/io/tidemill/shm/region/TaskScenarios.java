package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.util.List;
import java.util.Set;

/** The slots: what each process does to one, alone and against another process. */
final class TaskScenarios {
  private static final int SLOT = 1;
  private static final int WORKER = 3;
  private static final int PRIORITY = 77;
  private static final int CHANGED = 78;

  private TaskScenarios() {}

  /** One compare-and-set from a word, with the stores around it; -1 if it lost. */
  @FunctionalInterface
  private interface Move {
    long run(TaskTable tasks, long word);
  }

  static List<Scenario> all() {
    Move assign = TaskScenarios::assign;
    Move promote = (tasks, word) -> tasks.promote(SLOT, word);
    Move start = TaskScenarios::start;
    Move requeue = TaskScenarios::requeue;
    Move end = (tasks, word) -> end(tasks, word, TaskState.SUCCEEDED);
    Move cancel = (tasks, word) -> end(tasks, word, TaskState.CANCELLED);
    Move retry = TaskScenarios::retry;
    Move postpone = TaskScenarios::postpone;
    Set<TaskState> waiting = Set.of(TaskState.WAITING);
    Set<TaskState> ready = Set.of(TaskState.READY);
    Set<TaskState> ended = Set.of(TaskState.SUCCEEDED, TaskState.CANCELLED);
    return List.of(
        Scenario.of("submit", Submission::new),
        race("assign against cancel", TaskState.READY, assign, leased(), cancel, ended),
        race("assign against cancel of WAITING", TaskState.WAITING, cancel, ended, cancel, ended),
        race("promote against cancel", TaskState.WAITING, promote, ready, cancel, ended),
        race("postpone against requeue", TaskState.RUNNING, postpone, waiting, requeue, ready),
        race("start against requeue", TaskState.ASSIGNED, start, leased(), requeue, ready),
        race("end against requeue", TaskState.RUNNING, end, ended, requeue, ready),
        race("retry against requeue", TaskState.ASSIGNED, retry, ready, requeue, ready),
        race("start against end", TaskState.ASSIGNED, start, leased(), end, ended),
        Scenario.of("take an end", Taking::new),
        Scenario.of("unrecord", () -> new Recorded(TaskState.RUNNING)),
        Scenario.of("unrecord without a worker", () -> new Recorded(TaskState.READY)),
        Scenario.of("unrecord of a task with terms", () -> new Recorded(TaskState.WAITING)),
        Scenario.of("abandon", Abandoned::new),
        Scenario.of("carry forward", Carried::new),
        Scenario.withRival("change a priority against assign", Reordered::new),
        Scenario.of("restore", Restored::new));
  }

  private static Set<TaskState> leased() {
    return Set.of(TaskState.ASSIGNED, TaskState.RUNNING);
  }

  private static Scenario race(
      String name,
      TaskState from,
      Move one,
      Set<TaskState> oneEnds,
      Move other,
      Set<TaskState> otherEnds) {
    return Scenario.withRival(name, () -> new Race(from, one, oneEnds, other, otherEnds));
  }

  private static long assign(TaskTable tasks, long word) {
    tasks.readyTick(SLOT, 4);
    tasks.assignedNanos(SLOT, 100);
    return tasks.assign(SLOT, word, WORKER);
  }

  private static long start(TaskTable tasks, long word) {
    tasks.startedNanos(SLOT, 101);
    return tasks.start(SLOT, word);
  }

  private static long requeue(TaskTable tasks, long word) {
    long moved = tasks.requeue(SLOT, word);
    if (moved != -1 && StateWord.state(word) == TaskState.RUNNING) {
      tasks.countReturns(SLOT, word, 1);
    } else if (moved != -1) {
      tasks.suspect(SLOT, word);
    }
    return moved;
  }

  private static long end(TaskTable tasks, long word, TaskState end) {
    long recording = tasks.record(SLOT, word);
    if (recording == -1) {
      return -1;
    }
    tasks.outcome(SLOT, 500);
    return tasks.end(SLOT, recording, end);
  }

  private static long retry(TaskTable tasks, long word) {
    long recording = tasks.record(SLOT, word);
    if (recording == -1) {
      return -1;
    }
    tasks.attempts(SLOT, 1);
    return tasks.retry(SLOT, recording);
  }

  private static long postpone(TaskTable tasks, long word) {
    long recording = tasks.record(SLOT, word);
    if (recording == -1) {
      return -1;
    }
    tasks.attempts(SLOT, 1);
    return tasks.postpone(SLOT, recording);
  }

  private static HeapMemory empty() {
    return TestRegions.memory(Kind.TASKS, TaskTable.bytes(3), 3);
  }

  private static void submit(TaskTable tasks) {
    long word = tasks.fill(SLOT, tasks.word(SLOT));
    tasks.clearLife(SLOT);
    tasks.id(SLOT, TaskId.of(1, StateWord.generation(word), SLOT));
    tasks.sequence(SLOT, 9);
    tasks.priority(SLOT, PRIORITY);
    tasks.type(SLOT, 2);
    tasks.submittedNanos(SLOT, 50);
    tasks.session(SLOT, 7, 8);
    tasks.timeoutMs(SLOT, 1_000);
    tasks.attemptsMax(SLOT, 3);
    tasks.flags(SLOT, TaskTable.FLAG_DISK);
    tasks.submission(SLOT, 400);
    tasks.publish(SLOT, word, TaskState.READY);
    tasks.cancelAsked(SLOT, true);
  }

  /** As the servers that start settle what is left, when no journal has anything of it. */
  private static void settle(TaskTable tasks) {
    long word = tasks.word(SLOT);
    if (StateWord.state(word) == TaskState.FILLING) {
      tasks.abandon(SLOT, word);
    } else if (StateWord.state(word) == TaskState.RECORDING) {
      tasks.unrecord(SLOT, word);
    }
  }

  private abstract static class OfSlot extends Scenario.Case {
    final TaskTable plain = new TaskTable(memory);

    OfSlot() {
      super(empty());
    }

    /** The former task of the slot left its traces in every field. */
    final void formerTask() {
      submit(plain);
      assign(plain, plain.word(SLOT));
      start(plain, plain.word(SLOT));
      end(plain, plain.word(SLOT), TaskState.FAILED);
      plain.attempts(SLOT, 9);
      plain.countReturns(SLOT, plain.word(SLOT), 9);
      plain.suspect(SLOT, plain.word(SLOT));
      plain.free(SLOT, plain.word(SLOT));
    }

    @Override
    void recover(Memory by) {
      settle(new TaskTable(by));
    }

    /** A task that can be seen is complete, and nothing of the former one is in it. */
    @Override
    void look(Memory by) {
      TaskTable tasks = new TaskTable(by);
      long word = tasks.word(SLOT);
      TaskState state = StateWord.state(word);
      if (state.isLive() || state.isEnd()) {
        long id = TaskId.of(1, StateWord.generation(word), SLOT);
        assertThat(tasks.id(SLOT)).isEqualTo(id);
        assertThat(tasks.wordOf(id)).isEqualTo(word);
        int priority = tasks.priority(SLOT);
        assertThat(priority).isIn(PRIORITY, CHANGED);
        assertThat(tasks.sequence(SLOT)).isEqualTo(9);
        assertThat(tasks.submission(SLOT)).isIn(400L, 900L);
        assertThat(priority == PRIORITY || tasks.submission(SLOT) == 900)
            .as("a priority that is not in the record")
            .isTrue();
        assertThat(tasks.attempts(SLOT)).isLessThan(9);
        assertThat(tasks.returns(SLOT)).isLessThan(9);
        assertThat(tasks.isSuspect(SLOT) && StateWord.lease(word) == 0).isFalse();
      }
      long former = TaskId.of(1, StateWord.generation(word) - 1, SLOT);
      assertThat(tasks.wordOf(former)).as("the former task").isEqualTo(-1);
      assertThat(StateWord.worker(word) != StateWord.NO_WORKER)
          .isEqualTo(
              state.isLeased()
                  || (StateWord.worker(word) == WORKER && !state.isLive())
                  || (state == TaskState.RECORDING && StateWord.worker(word) == WORKER));
    }

    final void requireState(TaskState... states) {
      assertThat(StateWord.state(plain.word(SLOT))).isIn((Object[]) states);
    }
  }

  private static final class Submission extends OfSlot {
    Submission() {
      formerTask();
    }

    @Override
    void operate(Memory by) {
      submit(new TaskTable(by));
    }

    @Override
    void check(Memory by) {
      requireState(TaskState.FREE, TaskState.READY);
      long word = plain.word(SLOT);
      assertThat(StateWord.generation(word)).isBetween(1, 2);
      if (StateWord.state(word) == TaskState.FREE) {
        assertThat(plain.wordOf(TaskId.of(1, 1, SLOT))).as("the former task").isEqualTo(-1);
        assertThat(StateWord.generation(plain.fill(SLOT, word)))
            .isEqualTo(StateWord.generation(word) + 1);
      }
    }
  }

  /** Two processes go from the same word: at most one of them gets it. */
  private static final class Race extends OfSlot {
    private final Move one;
    private final Set<TaskState> oneEnds;
    private final Move other;
    private final Set<TaskState> otherEnds;
    private final long word;
    private long oneMoved;
    private long otherMoved;

    Race(TaskState from, Move one, Set<TaskState> oneEnds, Move other, Set<TaskState> otherEnds) {
      this.one = one;
      this.oneEnds = oneEnds;
      this.other = other;
      this.otherEnds = otherEnds;
      submit(plain);
      if (from == TaskState.WAITING) {
        plain.restore(SLOT, StateWord.with(plain.word(SLOT), TaskState.WAITING));
      } else if (from != TaskState.READY) {
        assign(plain, plain.word(SLOT));
      }
      if (from == TaskState.RUNNING) {
        start(plain, plain.word(SLOT));
      }
      this.word = plain.word(SLOT);
    }

    @Override
    void operate(Memory by) {
      oneMoved = one.run(new TaskTable(by), word);
    }

    @Override
    void rival(Memory by) {
      otherMoved = other.run(new TaskTable(by), word);
    }

    @Override
    void check(Memory by) {
      boolean oneWon = oneMoved != -1 && oneMoved != 0;
      boolean otherWon = otherMoved != -1 && otherMoved != 0;
      assertThat(oneWon && otherWon).as("both got the slot").isFalse();
      assertThat(oneMoved == -1 && otherMoved == -1).as("neither got the slot").isFalse();
      TaskState state = StateWord.state(plain.word(SLOT));
      if (oneWon) {
        assertThat(state).isIn(oneEnds);
      } else if (otherWon) {
        assertThat(state).isIn(otherEnds);
      }
      assertThat(state).isNotIn(TaskState.FREE, TaskState.FILLING, TaskState.RECORDING);
      assertThat(StateWord.generation(plain.word(SLOT))).isEqualTo(StateWord.generation(word));
      assertThat(StateWord.lease(plain.word(SLOT))).isGreaterThanOrEqualTo(StateWord.lease(word));
    }
  }

  private static final class Taking extends OfSlot {
    private final long word;

    Taking() {
      submit(plain);
      this.word = StateWord.with(plain.word(SLOT), TaskState.DEAD);
      plain.restore(SLOT, word);
    }

    @Override
    void operate(Memory by) {
      new TaskTable(by).free(SLOT, word);
    }

    @Override
    void recover(Memory by) {
      TaskTable tasks = new TaskTable(by);
      if (StateWord.state(tasks.word(SLOT)).isEnd()) {
        tasks.free(SLOT, tasks.word(SLOT));
      }
    }

    @Override
    void check(Memory by) {
      requireState(TaskState.FREE);
      assertThat(plain.wordOf(TaskId.of(1, 1, SLOT))).isEqualTo(-1);
    }
  }

  private static final class Recorded extends OfSlot {
    private final TaskState before;

    Recorded(TaskState before) {
      this.before = before;
      submit(plain);
      if (before == TaskState.RUNNING) {
        assign(plain, plain.word(SLOT));
      } else if (before == TaskState.WAITING) {
        plain.flags(SLOT, TaskTable.FLAG_TERMS);
      }
      plain.record(SLOT, plain.word(SLOT));
    }

    @Override
    void operate(Memory by) {
      settle(new TaskTable(by));
    }

    @Override
    void check(Memory by) {
      requireState(before);
    }
  }

  private static final class Abandoned extends OfSlot {
    Abandoned() {
      formerTask();
      plain.fill(SLOT, plain.word(SLOT));
    }

    @Override
    void operate(Memory by) {
      settle(new TaskTable(by));
    }

    @Override
    void check(Memory by) {
      requireState(TaskState.FREE);
      assertThat(StateWord.generation(plain.word(SLOT))).isEqualTo(2);
    }
  }

  /** The record stands in both places for a while. */
  private static final class Carried extends OfSlot {
    Carried() {
      submit(plain);
    }

    @Override
    void operate(Memory by) {
      new TaskTable(by).submissionMoved(SLOT, 900);
    }

    @Override
    void check(Memory by) {
      requireState(TaskState.READY);
    }
  }

  /** Another priority: the record that has it is in the journal, so a start goes on with it. */
  private static final class Reordered extends OfSlot {
    Reordered() {
      submit(plain);
    }

    @Override
    void operate(Memory by) {
      TaskTable tasks = new TaskTable(by);
      tasks.submissionMoved(SLOT, 900);
      tasks.priorityChanged(SLOT, CHANGED);
    }

    @Override
    void rival(Memory by) {
      TaskTable tasks = new TaskTable(by);
      assign(tasks, tasks.word(SLOT));
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void check(Memory by) {
      requireState(TaskState.READY, TaskState.ASSIGNED);
      assertThat(plain.priority(SLOT)).isEqualTo(CHANGED);
    }
  }

  /** While the files are made: nobody looks before the seal, and it is all done again. */
  private static final class Restored extends OfSlot {
    @Override
    void operate(Memory by) {
      new TaskTable(by).restore(SLOT, StateWord.of(TaskState.READY, StateWord.NO_WORKER, 0, 4));
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {}

    @Override
    void check(Memory by) {
      assertThat(StateWord.generation(plain.word(SLOT))).isEqualTo(4);
    }
  }
}
