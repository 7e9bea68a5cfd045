package io.tidemill.sim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The promises, looked at in a world that came to rest. What is broken is said in sentences. */
final class Checks {
  /** An outcome as the journal has it. */
  private record End(TaskState state, long lease, String result) {}

  private record Lease(long task, long lease) {}

  private final World world;
  private final List<String> wrong = new ArrayList<>();

  /** Of each task the places in the order that its records have: copies have the same. */
  private final Map<Long, Set<Long>> submissions = new HashMap<>();

  private final Map<Long, List<Integer>> priorities = new HashMap<>();
  private final Map<Long, StoredExtra> origins = new HashMap<>();

  private final Map<String, List<Long>> byNumber = new HashMap<>();
  private final Map<Long, List<End>> ends = new HashMap<>();
  private final Map<Long, Integer> attempts = new HashMap<>();
  private final Set<Lease> attemptLeases = new HashSet<>();
  private final PastChecks pasts;
  private int attemptRecords;

  private Checks(World world) {
    this.world = world;
    this.pasts = new PastChecks(world::mayLack, text -> require(false, text));
  }

  /** Empty: all is as promised. Ends the world: its PLM has no free slots afterwards. */
  static List<String> wrongIn(World world) {
    Checks checks = new Checks(world);
    checks.wrong.addAll(world.failures());
    if (checks.wrong.isEmpty()) {
      checks.journals();
      checks.tasks();
      checks.clients();
      checks.wrong.addAll(world.definitions().wrong());
      checks.wrong.addAll(world.priorities().wrong(checks.priorities));
      checks.wrong.addAll(world.schedules().wrong(checks.origins.values()));
      checks.wrong.addAll(world.requeues().wrong(checks.origins));
      checks.slots();
      checks.indexes();
      checks.counters();
    }
    return checks.wrong;
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      wrong.add(otherwise);
    }
  }

  private static String hex(long id) {
    return Long.toHexString(id);
  }

  // The journals.

  private void journals() {
    try (JournalReader submitted = world.disk().submissions().reader();
        JournalReader recorded = world.disk().outcomes().reader()) {
      submitted.scan(0, this::onSubmission);
      recorded.scan(0, this::onOutcome);
    }
  }

  private void onSubmission(RecordView record) {
    if (record.kind() == RecordKind.SUBMISSION) {
      SubmissionDecoder submission = new SubmissionDecoder().wrap(record);
      if (submission.hasTerms()) {
        origins.put(submission.taskId(), origin(submission));
      }
      priorities
          .computeIfAbsent(submission.taskId(), id -> new ArrayList<>())
          .add(submission.priority());
      boolean copy =
          !submissions
              .computeIfAbsent(submission.taskId(), id -> new HashSet<>())
              .add(record.sequence());
      if (submission.sessionId() != 0 && !copy) {
        byNumber
            .computeIfAbsent(
                submission.sessionId() + "/" + submission.sessionNumber(), n -> new ArrayList<>())
            .add(submission.taskId());
      }
    }
  }

  private static StoredExtra origin(SubmissionDecoder submission) {
    try {
      return StoredExtra.parseFrom(submission.terms().extra());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void onOutcome(RecordView record) {
    if (record.kind() == RecordKind.OUTCOME) {
      OutcomeDecoder outcome = new OutcomeDecoder().wrap(record);
      pasts.onOutcome(outcome);
      ends.computeIfAbsent(outcome.taskId(), id -> new ArrayList<>())
          .add(
              new End(
                  TaskState.endOf(outcome.state()),
                  outcome.lease(),
                  new String(outcome.resultBytes(), java.nio.charset.StandardCharsets.UTF_8)));
    } else if (record.kind() == RecordKind.ATTEMPT) {
      AttemptDecoder attempt = new AttemptDecoder().wrap(record);
      pasts.onAttempt(attempt);
      onAttempt(attempt);
    }
  }

  private void onAttempt(AttemptDecoder attempt) {
    attemptRecords++;
    int before = attempts.merge(attempt.taskId(), 1, Integer::sum) - 1;
    require(
        attempt.attempt() == before + 1
            || (world.mayLack(attempt.taskId()) && attempt.attempt() > before),
        "a failed attempt has the wrong number: task=" + hex(attempt.taskId()));
    require(
        attemptLeases.add(new Lease(attempt.taskId(), attempt.lease())),
        "a failed attempt was recorded twice: task=" + hex(attempt.taskId()));
  }

  /** Each accepted task has exactly one outcome, and that of the lease that it is said to be of. */
  private void tasks() {
    submissions.forEach(
        (id, places) -> {
          require(places.size() == 1, "a task was submitted twice under one id: task=" + hex(id));
          require(
              ends.containsKey(id) || world.lostTasks().contains(id),
              "an accepted task has no outcome: task=" + hex(id));
        });
    byNumber.forEach(
        (number, ids) ->
            require(
                ids.size() == 1 || world.lostTasks().containsAll(ids.subList(0, ids.size() - 1)),
                "a session's number became two tasks: number=" + number));
    ends.forEach(this::end);
  }

  private void end(long id, List<End> outcomes) {
    require(outcomes.size() == 1, "a task has several outcomes: task=" + hex(id) + " " + outcomes);
    require(
        submissions.containsKey(id) || world.lostTasks().contains(id),
        "an outcome of no task: task=" + hex(id));
    for (End end : outcomes) {
      if (end.state() == TaskState.SUCCEEDED) {
        require(
            end.result().equals(SimWorker.result(id, end.lease())),
            "a stale lease's result was recorded: task=" + hex(id) + " " + end);
      }
    }
  }

  // The clients.

  private void clients() {
    for (SimClient client : world.clients()) {
      client.acked().forEach((number, id) -> told(client, number, id));
    }
  }

  private void told(SimClient client, long number, long id) {
    require(
        submissions.containsKey(id), "an acknowledged task is not in the journal: task=" + hex(id));
    require(
        byNumber.getOrDefault(client.session() + "/" + number, List.of()).contains(id),
        "an acknowledged task is not its session's: task=" + hex(id));
    TaskResult told = client.results().get(id);
    List<End> ended = ends.get(id);
    if (told == null) {
      wrong.add("a client was never told the result: task=" + hex(id));
    } else if (ended != null) {
      End end = ended.get(0);
      require(
          told.getStateValue() == end.state().number()
              && told.getResult().toStringUtf8().equals(end.result()),
          "a client was told another result: task=" + hex(id) + " told=" + told + " is=" + end);
    }
  }

  // The shared memory.

  private void slots() {
    Regions regions = world.memory().observed();
    TaskTable tasks = regions.tasks();
    int used = regions.control().slotsUsed();
    for (int slot = 0; slot < tasks.capacity(); slot++) {
      require(
          StateWord.state(tasks.word(slot)) == TaskState.FREE,
          "a slot is not free: slot=" + slot + " " + StateWord.describe(tasks.word(slot)));
      require(slot < used || tasks.word(slot) == 0, "a slot beyond those in use was used: " + slot);
    }
    int[] free = world.plm().drainFreeSlots(tasks.capacity());
    require(
        free.length == tasks.capacity()
            && Arrays.stream(free).distinct().count() == tasks.capacity(),
        "the PLM's free slots are not each there once: " + Arrays.toString(free));
  }

  private void indexes() {
    Regions regions = world.memory().observed();
    for (int row = 0; row < regions.workers().capacity(); row++) {
      require(
          regions.workerHeap().inFlight(row) == 0,
          "a worker's capacity did not return: row="
              + row
              + " in_flight="
              + regions.workerHeap().inFlight(row));
    }
    require(
        regions.rings().plmToScheduler().isEmpty()
            && regions.rings().plmToRegister().isEmpty()
            && regions.rings().registerToPlm().isEmpty()
            && regions.rings().registerToScheduler().isEmpty()
            && regions.rings().schedulerToRegister().isEmpty(),
        "a ring has entries left");
    for (Role role : Role.servers()) {
      require(
          regions.control().sweepAsked(role) == regions.control().sweepDone(role),
          "a sweep that was asked for was not done: " + role);
    }
  }

  /** A Register that dies while it counts leaves a run to its successor, which counts all of it. */
  private void counted(Counter counter, int are) {
    long counted = world.memory().observed().control().count(counter);
    boolean holds = world.deaths() == 0 ? counted == are : counted >= are;
    require(holds, "counted wrong: " + counter + " counted=" + counted + " are=" + are);
  }

  private void counters() {
    var control = world.memory().observed().control();
    require(
        control.count(Counter.INVERSIONS) == 0,
        "tasks were assigned out of order: " + control.count(Counter.INVERSIONS));
    require(control.count(Counter.RECORDED_TWICE) == 0, "a task was recorded twice");
    counted(Counter.RECORDED, ends.size());
    if (world.memory().observed().control().epoch() == 1) {
      counted(Counter.ATTEMPTS_FAILED, attemptRecords); // A rebuild begins anew with it.
    }
    require(
        control.errors().entries().isEmpty(),
        "a process noted an error: " + control.errors().entries());
  }
}
