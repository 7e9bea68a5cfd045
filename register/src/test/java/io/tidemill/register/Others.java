package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Plays the PLM and the Main Scheduler on the shared memory. */
final class Others implements AutoCloseable {
  /** An entry of a ring. */
  record Entry(int kind, int index, long value) {}

  /** An outcome or a failed attempt as the journal has it. */
  record Recorded(
      long taskId, long lease, TaskState end, int attempt, String error, String result) {}

  /** A task under a lease. */
  record Leased(int slot, long id, long lease) {}

  final Instance instance;
  final Regions regions;
  final TaskTable tasks;
  private final LongSupplier clock;

  Others(Instance plm, LongSupplier clock) {
    this.instance = plm;
    this.regions = plm.regions();
    this.tasks = regions.tasks();
    this.clock = clock;
  }

  /** A READY task in a slot that is free. */
  long submit(int slot) {
    return submit(slot, 1, 0, false);
  }

  long submit(int slot, int attemptsMax, int timeoutMs, boolean disk) {
    regions.control().slotsUsed(Math.max(regions.control().slotsUsed(), slot + 1));
    long word = tasks.fill(slot, tasks.word(slot));
    long id = TaskId.of(regions.control().epoch(), StateWord.generation(word), slot);
    tasks.clearLife(slot);
    tasks.id(slot, id);
    tasks.sequence(slot, regions.control().drawSequences(1));
    tasks.attemptsMax(slot, attemptsMax);
    tasks.timeoutMs(slot, timeoutMs);
    tasks.flags(slot, disk ? TaskTable.FLAG_DISK : 0);
    tasks.submittedNanos(slot, clock.getAsLong());
    assertThat(tasks.publish(slot, word, TaskState.READY)).isNotEqualTo(-1);
    return id;
  }

  Leased assign(int slot, int row) {
    long word = tasks.word(slot);
    regions.mapping().hold(slot, row, StateWord.lease(word) + 1);
    tasks.assignedNanos(slot, clock.getAsLong());
    long assigned = tasks.assign(slot, word, row);
    assertThat(assigned).isNotEqualTo(-1);
    regions.workerHeap().update(row, 1, 1);
    long lease = TaskId.lease(regions.control().epoch(), StateWord.lease(assigned));
    return new Leased(slot, tasks.id(slot), lease);
  }

  /** A task that a worker holds. */
  Leased leased(int slot, int row) {
    submit(slot);
    return assign(slot, row);
  }

  /** The Main Scheduler takes a lease back. */
  void requeue(int slot) {
    assertThat(tasks.requeue(slot, tasks.word(slot))).isNotEqualTo(-1);
    regions.mapping().clear(slot);
  }

  /** The PLM has taken the outcome. */
  void free(int slot) {
    assertThat(tasks.free(slot, tasks.word(slot))).isNotEqualTo(-1);
  }

  void askCancel(int slot) {
    tasks.cancelAsked(slot, true);
    regions.rings().plmToRegister().offer(Rings.event(Rings.TASK_CANCEL, slot), tasks.id(slot));
    wakeRegister();
  }

  void toRegister(int kind, int index, long value) {
    regions.rings().schedulerToRegister().offer(Rings.event(kind, index), value);
    wakeRegister();
  }

  void wakeRegister() {
    regions.wakeUp(Role.REGISTER).wake();
  }

  TaskState state(int slot) {
    return StateWord.state(tasks.word(slot));
  }

  void awaitState(int slot, TaskState state) {
    await().atMost(Plant.PATIENCE).untilAsserted(() -> assertThat(state(slot)).isEqualTo(state));
  }

  List<Entry> takeFromPlmRing() {
    return take(regions.rings().registerToPlm());
  }

  List<Entry> takeFromSchedulerRing() {
    return take(regions.rings().registerToScheduler());
  }

  private static List<Entry> take(Ring ring) {
    List<Entry> entries = new ArrayList<>();
    ring.drain(
        (event, value) -> entries.add(new Entry(Rings.kind(event), Rings.index(event), value)),
        Integer.MAX_VALUE);
    return entries;
  }

  /** What the last record of a task in the outcome journal tells of its leases before. */
  PastLeases lastPast(long taskId) {
    PastLeases[] last = {null};
    try (JournalReader reader = Journals.read(instance.dir().outcomes())) {
      reader.scan(
          0,
          record -> {
            if (record.kind() == RecordKind.OUTCOME) {
              OutcomeDecoder outcome = new OutcomeDecoder().wrap(record);
              last[0] = outcome.taskId() == taskId ? outcome.past() : last[0];
            } else {
              AttemptDecoder attempt = new AttemptDecoder().wrap(record);
              last[0] = attempt.taskId() == taskId ? attempt.past() : last[0];
            }
          });
    }
    return last[0];
  }

  /** Everything in the outcome journal, in order. */
  List<Recorded> recorded() {
    List<Recorded> all = new ArrayList<>();
    OutcomeDecoder outcome = new OutcomeDecoder();
    AttemptDecoder attempt = new AttemptDecoder();
    try (JournalReader reader = Journals.read(instance.dir().outcomes())) {
      reader.scan(
          0,
          record -> {
            if (record.kind() == RecordKind.OUTCOME) {
              outcome.wrap(record);
              all.add(
                  new Recorded(
                      outcome.taskId(),
                      outcome.lease(),
                      TaskState.endOf(outcome.state()),
                      outcome.attempt(),
                      outcome.error(),
                      new String(outcome.resultBytes(), java.nio.charset.StandardCharsets.UTF_8)));
            } else {
              attempt.wrap(record);
              all.add(
                  new Recorded(
                      attempt.taskId(),
                      attempt.lease(),
                      null,
                      attempt.attempt(),
                      attempt.error(),
                      ""));
            }
          });
    }
    return all;
  }

  @Override
  public void close() {
    instance.close();
  }
}
