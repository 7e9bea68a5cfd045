package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.DefinitionEncoder;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.StoredScheduleState;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code inspect} shows of rules, schedules, workers' offers and tasks' terms. */
class InspectViewsTest {
  private static final String LANE = "echo @mail zone=a";
  private static final long PARENT = TaskId.of(1, 1, 900);

  @TempDir Path temp;
  private final CliFixture cli = new CliFixture();
  private String data;
  private String task;
  private long sequence;

  @BeforeEach
  void instance() throws IOException {
    Path folder = temp.resolve("data");
    data = folder.toString();
    Settings settings = Settings.load(Map.of("tasks.max", "1000"), Map.of(), folder);
    try (Instance instance = Instance.enter(folder, settings, Role.PLM);
        Journal submissions = Journals.write(instance.dir().submissions(), settings, 0)) {
      Rule mail = Rule.ofQueue("mail", true, 40);
      Rule users = Rule.ofKey("user:*", 2, 10, 60_000, 5);
      define(submissions, DefinitionKind.QUEUE, "mail", mail.body());
      define(submissions, DefinitionKind.LIMIT, "user:*", users.body());
      define(submissions, DefinitionKind.LIMIT, "gone", users.body());
      define(submissions, DefinitionKind.LIMIT, "gone", new byte[0]);
      schedule(submissions);
      instance.regions().rules().publish(List.of(mail, users));
      offer(instance);
      accept(instance, submissions);
    }
  }

  @AfterEach
  void close() {
    cli.close();
  }

  private void define(Journal journal, DefinitionKind kind, String name, byte[] body) {
    append(journal, new DefinitionEncoder().definition(kind.number(), name, 1_000, body));
  }

  private long append(Journal journal, RecordEncoder record) {
    assertThat(journal.reserve(record.length() + RecordDescriptor.OVERHEAD_MAX)).isTrue();
    RunWriter run = journal.begin();
    long position = run.append(++sequence, record);
    run.commit();
    return position;
  }

  private void schedule(Journal journal) {
    Schedule schedule =
        Schedule.newBuilder()
            .setName("morning")
            .setCron("0 9 * * *")
            .setTask(TaskSpec.newBuilder().setType("echo"))
            .build();
    define(
        journal,
        DefinitionKind.SCHEDULE,
        "morning",
        StoredSchedule.newBuilder().setSchedule(schedule).setCreatedMs(7).build().toByteArray());
    define(
        journal,
        DefinitionKind.SCHEDULE_STATE,
        "morning",
        StoredScheduleState.newBuilder()
            .setSettledMs(1_900_000_000_000L)
            .setPaused(true)
            .setSubmitted(31)
            .build()
            .toByteArray());
  }

  private static void offer(Instance instance) {
    Offer offer =
        new Offer(
            List.of(new Offer.Share("mail", 3), new Offer.Share("bulk", 1)),
            Offer.QueueOrder.WEIGHTED,
            Map.of("zone", "a"),
            Map.of("cpu", 4L));
    WorkerTable.Registration said =
        new WorkerTable.Registration("w1", 5, 4, List.of("echo"), "host", 77, offer);
    instance.regions().workers().enter(0, said, 1_000, System.nanoTime());
  }

  /** A task that waits for another one and asks for all that can be asked for. */
  private void accept(Instance instance, Journal journal) {
    TaskTable tasks = instance.regions().tasks();
    long id = TaskId.of(instance.control().epoch(), 1, 0);
    task = TaskIds.format(id);
    StoredExtra extra =
        StoredExtra.newBuilder().addDependsOn(PARENT).setSchedule("morning").build();
    Terms terms =
        new Terms(
            Terms.Times.NONE,
            Terms.Backoff.NONE,
            3,
            new Terms.Texts(LANE, "user:17", ""),
            1,
            ByteBuffer.wrap(extra.toByteArray()));
    long position =
        append(
            journal,
            new SubmissionEncoder().task(id, 1_000, "echo", 0).terms(0, 4, (byte) 1).terms(terms));
    instance.control().slotsUsed(1);
    long word = tasks.fill(0, tasks.word(0));
    tasks.clearLife(0);
    tasks.id(0, id);
    tasks.sequence(0, sequence);
    tasks.type(0, instance.regions().types().intern(LANE));
    tasks.submission(0, position);
    tasks.flags(0, TaskTable.FLAG_TERMS);
    TermsTable table = instance.regions().terms();
    table.clear(0);
    long hour = System.nanoTime() + 3_600_000_000_000L;
    table.due(0, 0, 1_900_000_000_000L);
    table.deadlines(0, hour, 2 * hour);
    table.backoff(0, 500, 60_000, 150, 20);
    table.workerDeathsMax(0, 3, 0);
    table.key(0, KeyHash.of("user:17"));
    table.pending(0, 1);
    word = tasks.publish(0, word, TaskState.WAITING);
    assertThat(StateWord.state(word)).isEqualTo(TaskState.WAITING);
  }

  @Test
  void showsThemAsJson() {
    assertThat(cli.runBare("inspect", data, "--json")).as(cli.err).isZero();
    JsonObject json = cli.json();
    JsonObject queue = json.getAsJsonArray("rules").get(0).getAsJsonObject();
    assertThat(queue.get("of").getAsString()).isEqualTo("queue");
    assertThat(queue.get("name").getAsString()).isEqualTo("mail");
    assertThat(queue.get("paused").getAsBoolean()).isTrue();
    assertThat(queue.get("most").getAsLong()).isEqualTo(40);
    JsonObject key = json.getAsJsonArray("rules").get(1).getAsJsonObject();
    assertThat(key.get("permits").getAsLong()).isEqualTo(10);
    assertThat(key.get("period_ms").getAsLong()).isEqualTo(60_000);
    assertThat(key.get("burst").getAsLong()).isEqualTo(5);

    assertThat(json.getAsJsonArray("definitions")).hasSize(4);
    JsonObject definition = json.getAsJsonArray("definitions").get(0).getAsJsonObject();
    assertThat(definition.get("kind").getAsString()).isEqualTo("QUEUE");
    assertThat(definition.get("name").getAsString()).isEqualTo("mail");
    assertThat(definition.get("bytes").getAsInt()).isPositive();
    assertThat(definition.has("body")).isFalse();

    JsonObject schedule = json.getAsJsonArray("schedules").get(0).getAsJsonObject();
    assertThat(schedule.get("name").getAsString()).isEqualTo("morning");
    assertThat(schedule.get("cron").getAsString()).isEqualTo("0 9 * * *");
    assertThat(schedule.get("zone").getAsString()).isEqualTo("UTC");
    assertThat(schedule.get("paused").getAsBoolean()).isTrue();
    assertThat(schedule.get("settled_ms").getAsLong()).isEqualTo(1_900_000_000_000L);
    assertThat(schedule.get("submitted").getAsLong()).isEqualTo(31);

    JsonObject worker = json.getAsJsonArray("workers").get(0).getAsJsonObject();
    assertThat(worker.getAsJsonArray("queues")).hasSize(2);
    assertThat(worker.get("queue_order").getAsString()).isEqualTo("WEIGHTED");
    assertThat(worker.getAsJsonObject("labels").get("zone").getAsString()).isEqualTo("a");
    assertThat(worker.getAsJsonObject("amounts").get("cpu").getAsLong()).isEqualTo(4);
  }

  @Test
  void showsTermsAsJson() {
    assertThat(cli.runBare("inspect", data, "--json")).as(cli.err).isZero();
    JsonObject terms = cli.json().getAsJsonArray("terms").get(0).getAsJsonObject();
    assertThat(terms.get("id").getAsString()).isEqualTo(task);
    assertThat(terms.get("state").getAsString()).isEqualTo("WAITING");
    assertThat(terms.get("lane").getAsString()).isEqualTo(LANE);
    assertThat(terms.get("due_ms").getAsLong()).isZero();
    assertThat(terms.get("run_at_ms").getAsLong()).isEqualTo(1_900_000_000_000L);
    assertThat(terms.get("start_by_ms").getAsLong()).isPositive();
    assertThat(terms.get("end_by_ms").getAsLong())
        .isGreaterThan(terms.get("start_by_ms").getAsLong());
    assertThat(terms.get("backoff_initial_ms").getAsLong()).isEqualTo(500);
    assertThat(terms.get("backoff_multiplier").getAsDouble()).isEqualTo(1.5);
    assertThat(terms.get("worker_deaths_max").getAsInt()).isEqualTo(3);
    assertThat(terms.get("announces").getAsBoolean()).isTrue();
    assertThat(terms.get("key").getAsString()).hasSize(16);
    assertThat(terms.get("pending").getAsInt()).isEqualTo(1);
    assertThat(terms.getAsJsonArray("depends_on").get(0).getAsString())
        .isEqualTo(TaskIds.format(PARENT));
    assertThat(terms.get("schedule").getAsString()).isEqualTo("morning");
    assertThat(terms.has("extra")).isFalse();
    assertThat(cli.runBare("inspect", data, "--json", "--tasks", "0")).isZero();
    assertThat(cli.json().getAsJsonArray("terms")).isEmpty();
    assertThat(cli.runBare("inspect", data, "--json", "--type", "other")).isZero();
    assertThat(cli.json().getAsJsonArray("terms")).isEmpty();
  }

  @Test
  void showsThemForPeople() {
    assertThat(cli.runBare("inspect", data)).as(cli.err).isZero();
    assertThat(cli.out)
        .contains("Rules of queues and keys")
        .contains("10 in 60000 ms")
        .contains("Schedules")
        .contains("0 9 * * *")
        .contains("Definitions in the journal")
        .contains("What workers offer")
        .contains("mail=3,bulk=1", "weighted", "zone=a", "cpu=4")
        .contains("Terms of tasks (first 1)")
        .contains("500 ms x 1.5 to 60000 ms - 20 %")
        .contains("0 of 3, announces")
        .contains("1 of 1: " + TaskIds.format(PARENT));
  }
}
