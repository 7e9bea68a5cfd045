package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A small instance whose slots and journals a test fills as the servers would. */
final class TestInstance implements AutoCloseable {
  static final int TASKS = 1_000;
  static final long NOW = 1_700_000_000_000L;

  private final Path data;
  private final Instance instance;
  private final Journal submissions;
  private final Journal outcomes;
  private long sequence;

  TestInstance(Path data) throws IOException {
    this.data = data;
    this.instance = Instance.enter(data, settings(data), Role.PLM);
    regions().taskHeap().clear();
    this.submissions = Journals.write(instance.dir().submissions(), settings(data), 0);
    this.outcomes = Journals.write(instance.dir().outcomes(), settings(data), 0);
  }

  static Settings settings(Path data) throws IOException {
    Map<String, String> small =
        Map.of(
            "tasks.max",
            Integer.toString(TASKS),
            "workers.max",
            "8",
            "types.max",
            "16",
            "journal.cycle.bytes",
            Integer.toString(1 << 20));
    return Settings.load(small, Map.of(), data);
  }

  Path data() {
    return data;
  }

  Instance instance() {
    return instance;
  }

  Regions regions() {
    return instance.regions();
  }

  Journal submissions() {
    return submissions;
  }

  Journal outcomes() {
    return outcomes;
  }

  long idOf(int slot) {
    return TaskId.of(instance.control().epoch(), 1, slot);
  }

  /** Accepts a task into a fresh slot: journal, slot, heap. */
  long accept(int slot, int priority) {
    long id = idOf(slot);
    journalSubmission(id, priority, 7, slot);
    publish(slot, priority);
    return id;
  }

  /** The slot's part of an acceptance. */
  void publish(int slot, int priority) {
    Regions regions = instance.regions();
    instance.control().slotsUsed(Math.max(slot + 1, instance.control().slotsUsed()));
    TaskTable tasks = regions.tasks();
    long word = tasks.fill(slot, tasks.word(slot));
    int type = regions.types().intern("echo");
    tasks.clearLife(slot);
    tasks.id(slot, idOf(slot));
    tasks.sequence(slot, sequence);
    tasks.priority(slot, priority);
    tasks.type(slot, type);
    tasks.publish(slot, word, TaskState.READY);
    regions
        .taskHeap()
        .lane(type)
        .push(TaskHeap.first(priority, sequence), TaskHeap.second(sequence, slot));
  }

  void assign(int slot, int worker) {
    TaskTable tasks = regions().tasks();
    long ready = tasks.word(slot);
    regions().mapping().hold(slot, worker, StateWord.lease(ready) + 1);
    tasks.assign(slot, ready, worker);
  }

  /** Ends a task as the Register does, and frees its slot as the PLM does. */
  void end(long id, TaskState end, long endedMillis) {
    journalOutcome(id, end, endedMillis);
    vanish(id);
  }

  /** Frees a task's slot, with nothing in a journal. */
  void vanish(long id) {
    TaskTable tasks = regions().tasks();
    int slot = TaskId.slot(id);
    long word = tasks.record(slot, tasks.word(slot));
    word = tasks.end(slot, word, TaskState.SUCCEEDED);
    regions().mapping().clear(slot);
    tasks.free(slot, word);
  }

  void journalSubmission(long id, int priority, long session, long number) {
    append(
        submissions,
        new SubmissionEncoder()
            .task(id, NOW, "echo", priority)
            .session(session, number)
            .terms(5_000, 1, (byte) 1));
  }

  void journalOutcome(long id, TaskState end, long endedMillis) {
    append(outcomes, new OutcomeEncoder().task(id, 1, (byte) end.number(), endedMillis, "w1"));
  }

  void append(Journal journal, RecordEncoder record) {
    if (!journal.reserve(record.length() + RecordDescriptor.OVERHEAD_MAX)) {
      throw new AssertionError("no room for a test's journal");
    }
    RunWriter run = journal.begin();
    run.append(++sequence, record);
    run.commit();
  }

  void enterWorker(int row, String id) {
    regions()
        .workers()
        .enter(
            row,
            new WorkerTable.Registration(id, 5, 4, List.of("echo"), "host", 77),
            NOW,
            System.nanoTime());
  }

  @Override
  public void close() {
    submissions.close();
    outcomes.close();
    instance.close();
  }
}
