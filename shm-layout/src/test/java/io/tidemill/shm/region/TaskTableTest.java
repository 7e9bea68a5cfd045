package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TaskTableTest {
  private final TaskTable tasks = TestRegions.tasks(16);

  @Test
  void carriesATaskFromFreeToFreeUnderTheNextGeneration() {
    long word = ready(3);
    word = tasks.assign(3, word, 5);
    assertThat(StateWord.worker(word)).isEqualTo(5);
    assertThat(StateWord.lease(word)).isEqualTo(1);
    word = tasks.start(3, word);
    word = tasks.record(3, word);
    word = tasks.end(3, word, TaskState.SUCCEEDED);
    assertThat(StateWord.worker(word)).as("who ended it").isEqualTo(5);
    word = tasks.free(3, word);
    assertThat(StateWord.state(word)).isEqualTo(TaskState.FREE);
    word = tasks.fill(3, word);
    assertThat(StateWord.generation(word)).isEqualTo(2);
    assertThat(StateWord.lease(word)).isZero();
  }

  @Test
  void answersMinusOneWhenTheWordHasMoved() {
    long word = ready(0);
    assertThat(tasks.assign(0, word, 1)).isNotEqualTo(-1);
    assertThat(tasks.assign(0, word, 2)).isEqualTo(-1);
    assertThat(StateWord.worker(tasks.word(0))).isEqualTo(1);
  }

  @Test
  void raisesTheLeaseWithEachAssignmentAndKeepsTheWorkerOutOfReadyTasks() {
    long word = ready(0);
    word = tasks.assign(0, word, 1);
    word = tasks.requeue(0, word);
    assertThat(StateWord.worker(word)).isEqualTo(StateWord.NO_WORKER);
    word = tasks.assign(0, word, 2);
    assertThat(StateWord.lease(word)).isEqualTo(2);
  }

  @Test
  void refusesIllegalMoves() {
    long word = ready(0);
    assertThatThrownBy(() -> tasks.start(0, word)).hasMessageContaining("illegal transition");
    assertThatThrownBy(() -> tasks.free(0, word)).hasMessageContaining("from=READY to=FREE");
  }

  @Test
  void endsOnlyOutOfRecording() {
    for (TaskState state : TaskState.values()) {
      boolean reachesAnEnd = state.successors().stream().anyMatch(TaskState::isEnd);
      assertThat(reachesAnEnd).as(state.name()).isEqualTo(state == TaskState.RECORDING);
    }
  }

  @Test
  void putsBackWhatWasBeingRecordedAsItStood() {
    long leased = tasks.record(0, tasks.assign(0, ready(0), 7));
    assertThat(StateWord.state(tasks.unrecord(0, leased))).isEqualTo(TaskState.RUNNING);
    long unleased = tasks.record(1, ready(1));
    assertThat(StateWord.state(tasks.unrecord(1, unleased))).isEqualTo(TaskState.READY);
  }

  @Test
  void findsATaskByItsIdOnlyWhileTheSlotHoldsIt() {
    long word = ready(4);
    long id = TaskId.of(1, StateWord.generation(word), 4);
    tasks.id(4, id);
    assertThat(tasks.wordOf(id)).isEqualTo(word);
    assertThat(tasks.wordOf(TaskId.of(1, 2, 4))).isEqualTo(-1);
    assertThat(tasks.wordOf(TaskId.of(2, 1, 4))).as("another epoch's").isEqualTo(-1);
    assertThat(tasks.wordOf(TaskId.of(1, 1, 400))).as("no such slot").isEqualTo(-1);
  }

  @Test
  void givesNoSlotPastTheLastGeneration() {
    long last = StateWord.of(TaskState.FREE, StateWord.NO_WORKER, 0, StateWord.GENERATION_MAX);
    tasks.restore(0, last);
    assertThat(tasks.fill(0, last)).isEqualTo(-1);
  }

  /** The task that was requeued may have ended, and its slot be another's, when this is stored. */
  @Test
  void countsReturnsForTheTaskOfTheWordOnly() {
    long leased = tasks.start(0, tasks.assign(0, ready(0), 7));
    long requeued = tasks.requeue(0, leased);
    assertThat(tasks.countReturns(0, leased, 1)).isEqualTo(1);
    assertThat(tasks.countReturns(0, leased, 0)).isEqualTo(1);
    assertThat(tasks.returns(0)).isEqualTo(1);
    tasks.free(0, tasks.end(0, tasks.record(0, requeued), TaskState.CANCELLED));
    long next = ready(0);

    assertThat(tasks.countReturns(0, leased, 1)).isEqualTo(1);

    assertThat(tasks.returns(0)).isZero();
    assertThat(tasks.countReturns(0, next, 1)).isEqualTo(1);
    assertThat(tasks.countReturns(0, next, 1)).isEqualTo(2);
  }

  @Test
  void suspectsTheTaskOfTheWordOnlyAndCountsOn() {
    long assigned = tasks.assign(0, ready(0), 7);
    long requeued = tasks.requeue(0, assigned);
    tasks.suspect(0, assigned);
    assertThat(tasks.isSuspect(0)).isTrue();
    assertThat(tasks.returns(0)).isZero();
    assertThat(tasks.countReturns(0, assigned, 1)).isEqualTo(1);
    tasks.suspect(0, assigned);
    assertThat(tasks.countReturns(0, assigned, 1)).isEqualTo(2);
    assertThat(tasks.isSuspect(0)).isTrue();
    assertThat(tasks.countReturns(0, assigned, 1 << 20)).as("the most").isEqualTo((1 << 15) - 1);
    assertThat(tasks.isSuspect(0)).isTrue();
    tasks.free(0, tasks.end(0, tasks.record(0, requeued), TaskState.CANCELLED));
    ready(0);
    assertThat(tasks.isSuspect(0)).as("another task").isFalse();
    tasks.suspect(0, assigned);
    assertThat(tasks.isSuspect(0)).as("too late").isFalse();
  }

  @Test
  void packsTheWordWithoutLosingABit() {
    long word =
        StateWord.of(
            TaskState.DEAD,
            StateWord.OWNERS_MAX - 1,
            StateWord.LEASE_MAX,
            StateWord.GENERATION_MAX);
    assertThat(StateWord.state(word)).isEqualTo(TaskState.DEAD);
    assertThat(StateWord.worker(word)).isEqualTo(StateWord.OWNERS_MAX - 1);
    assertThat(StateWord.lease(word)).isEqualTo(StateWord.LEASE_MAX);
    assertThat(StateWord.generation(word)).isEqualTo(StateWord.GENERATION_MAX);
    long id = TaskId.of(TaskId.EPOCH_MAX, StateWord.GENERATION_MAX, (1 << 24) - 1);
    assertThat(TaskId.epoch(id)).isEqualTo(TaskId.EPOCH_MAX);
    assertThat(TaskId.generation(id)).isEqualTo(StateWord.GENERATION_MAX);
    assertThat(TaskId.slot(id)).isEqualTo((1 << 24) - 1);
  }

  private long ready(int slot) {
    long word = tasks.fill(slot, tasks.word(slot));
    tasks.clearLife(slot);
    return tasks.publish(slot, word, TaskState.READY);
  }
}
