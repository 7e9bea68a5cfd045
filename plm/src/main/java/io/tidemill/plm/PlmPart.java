package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Listeners;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Server.Part;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The PLM as a server process: its parts, put together in the order in which they need each other.
 */
final class PlmPart implements Part {
  private static final int RECORD_ROOM = 1 << 10;
  private static final int MESSAGE_BYTES_MIN = 4 << 20;
  private static final int MESSAGE_ROOM = 64 << 10;
  private static final int AWAITED_MAX = 100_000;
  private static final int KEYS_MAX = 1_000_000;
  private static final long STOP_SECONDS = 2;

  private final Instance instance;
  private final Settings settings;
  private final Sessions sessions;
  private final AckTurn acks;
  private final RecordReaders submissions;
  private final RecordReaders outcomes;
  private final Journal journal;
  private final GroupCommit commits;
  private final RequestIds requestIds;
  private final boolean isNamedSeen;
  private final Waits waits;
  private final Follows follows;
  private final Housekeeping housekeeping;
  private final SlowCalls slow;
  private final FreeSlots free;
  private final Definitions definitions;
  private final Acceptance acceptance;
  private final PlmAgent agent;
  private final TaskApi api;
  private final QueueApi queueApi;
  private final Requeues requeues;
  private final TaskAdminApi adminApi;
  private final Schedules schedules;
  private final ScheduleCalls scheduleCalls;
  private final ScheduleThread scheduleThread;
  private final ScheduleApi scheduleApi;
  private final HealthStatusManager health = new HealthStatusManager();
  private Listeners listeners;

  PlmPart(Instance instance) {
    this(instance, System::currentTimeMillis);
  }

  /**
   * @param wall the clock that schedules follow
   */
  PlmPart(Instance instance, LongSupplier wall) {
    this.instance = instance;
    this.settings = instance.settings();
    this.sessions = new Sessions(settings);
    this.submissions = new RecordReaders(instance.journals()::readSubmissions);
    this.outcomes = new RecordReaders(instance.journals()::readOutcomes);

    StartUp start = settle();
    this.isNamedSeen = start.requestIdsSeen() || start.uniqueKeys().isAnySeen();
    // What is left free is for the outcomes of what has been accepted.
    this.journal = instance.journals().writeSubmissions(settings.number(Key.DISK_RESERVE_BYTES));
    this.free = start.free();
    this.definitions = start.definitions();
    Dependencies dependencies = new Dependencies();
    Ends ends =
        new Ends(
            instance.control(),
            instance.regions().tasks(),
            free,
            start.cycles(),
            start.kept(),
            dependencies);
    Latencies latencies = new Latencies();

    SpecCheck check = new SpecCheck(settings, journal.recordBytesMax() - RECORD_ROOM);
    DependencyIntake dependencyIntake =
        new DependencyIntake(ends, dependencies, instance.regions().wakeUp(Role.PLM));
    QueueLengths lengths = new QueueLengths(instance.regions());
    ends.lengths(lengths);
    UniqueHolds uniqueHolds = new UniqueHolds(definitions, instance.control());
    start.uniqueKeys().addTo(uniqueHolds);
    ends.uniqueHolds(uniqueHolds);
    this.acceptance =
        new Acceptance(
            instance,
            journal,
            free,
            start.cycles(),
            definitions,
            check,
            dependencyIntake,
            lengths,
            uniqueHolds);
    Cancels cancels = new Cancels(ends, instance.regions());
    Rewrites rewrites =
        new Rewrites(instance.control(), instance.regions().tasks(), journal, start.cycles(), ends);
    DependencyTurn dependencyTurn =
        new DependencyTurn(
            instance.regions().tasks(),
            dependencies,
            ends,
            outcomes,
            acceptance,
            new Releases(instance, journal, acceptance, rewrites, submissions),
            cancels);
    start.addWaiting(dependencyTurn, dependencies, submissions);
    this.acks = new AckTurn(instance.regions().wakeUp(Role.PLM));
    this.agent =
        new PlmAgent(
            instance.regions(),
            free,
            ends,
            sessions,
            latencies,
            dependencyTurn,
            new UniqueTurn(instance, uniqueHolds, start.uniqueKeys(), acceptance, outcomes),
            acks);
    ends.sink(agent);
    agent.found(start.ended());
    this.commits = new GroupCommit(instance, journal);
    UniqueKeys uniqueKeys =
        new UniqueKeys(
            instance.regions().tasks(),
            ends,
            submissions,
            uniqueHolds,
            keyMapSettings("unique-keys"),
            start.uniqueKeys().isAnySeen());
    this.requestIds =
        new RequestIds(instance, ends, submissions, keyMapSettings("request-ids"), uniqueKeys);
    Intake intake = new Intake(acceptance, requestIds, commits);
    QueueRules rules = new QueueRules(instance, definitions, intake, lengths);

    Stats stats = new Stats(instance, free, latencies);
    WaitNotes notes =
        new WaitNotes(instance.regions().workers(), instance.regions().rules(), stats::ready);
    TaskViews views =
        new TaskViews(instance.regions(), submissions, outcomes, ends, notes, start.requeued());
    EndedLooks looks = new EndedLooks(instance.regions().tasks(), ends);
    this.requeues =
        new Requeues(instance.control(), intake, looks, submissions, views, start.requeued());
    Discards discards = new Discards(definitions, intake, looks, ends);
    discards.found();
    TaskWalk walk =
        new TaskWalk(instance.regions(), instance.incarnation(), free, start.cycles(), ends, views);
    DependencyViews dependencyViews =
        new DependencyViews(instance.regions().tasks(), ends, submissions, views);
    TaskLives lives = new TaskLives(instance.regions(), ends, submissions, outcomes);
    this.waits = new Waits(ends, views);
    this.follows = new Follows(instance, ends, views, waits);
    this.slow = new SlowCalls();
    this.queueApi = new QueueApi(rules, new QueueCounts(instance.regions(), rules, lengths), slow);
    ScheduleTasks scheduleTasks = new ScheduleTasks(intake, cancels, instance.regions().tasks());
    this.schedules = new Schedules(definitions, scheduleTasks, start.scheduleRuns(), wall);
    this.scheduleCalls = new ScheduleCalls(schedules, scheduleTasks, wall);
    this.scheduleThread = new ScheduleThread(instance, schedules, wall);
    this.scheduleApi = new ScheduleApi(scheduleThread, scheduleCalls, definitions, slow, wall);
    this.adminApi =
        new TaskAdminApi(
            requeues,
            discards,
            new BulkCalls(walk, views, cancels, requeues, discards),
            intake,
            slow);
    this.housekeeping =
        new Housekeeping(
            instance,
            journal,
            start.cycles(),
            sessions,
            submissions,
            outcomes,
            stats,
            scheduleThread::lookAtClock,
            () -> {
              requeues.tidy();
              discards.tidy();
            },
            new CarryForward(
                instance,
                journal,
                acceptance,
                ends,
                start.cycles(),
                definitions,
                rewrites,
                submissions,
                outcomes));
    this.api =
        new TaskApi(
            new TaskApi.Parts(
                intake,
                new SessionStream.Shared(
                    sessions,
                    intake,
                    ends,
                    submissions,
                    outcomes,
                    new ResultQueue.Total(),
                    acks,
                    AWAITED_MAX),
                views,
                waits,
                cancels,
                new PriorityCalls(
                    new PriorityChanges(instance, acceptance, rewrites, submissions),
                    intake,
                    views,
                    waits),
                dependencyViews,
                new HistoryViews(instance.control(), lives),
                new ExplainViews(instance, lives, views, dependencyViews, free, stats),
                new TaskPages(walk, views),
                follows,
                stats,
                slow));
  }

  private StartUp settle() {
    StartUp start = new StartUp(instance, sessions);
    try (JournalReader submitted = instance.journals().readSubmissions();
        JournalReader recorded = instance.journals().readOutcomes()) {
      start.run(submitted, recorded);
    }
    return start;
  }

  private KeyMap.Settings keyMapSettings(String name) {
    long entries =
        Math.min(KEYS_MAX, settings.number(Key.TASKS_MAX) + settings.number(Key.RESULT_KEEP_COUNT));
    return new KeyMap.Settings(instance.dir().mapped(), name, instance.incarnation(), entries);
  }

  @Override
  public void start() throws IOException {
    commits.start();
    if (isNamedSeen) {
      requestIds.prepare();
    }
    housekeeping.start();
    int messageBytesMax =
        Math.max(MESSAGE_BYTES_MIN, settings.integer(Key.PAYLOAD_BYTES_MAX) + MESSAGE_ROOM);
    listeners =
        new Listeners(
            new Listeners.Place(instance.role().label(), instance.dir().root(), settings.byName()),
            messageBytesMax,
            health,
            List.of(api, adminApi, queueApi, scheduleApi));
    listeners.start();
    health.setStatus("", ServingStatus.SERVING);
    health.setStatus(TaskServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(TaskAdminServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus(ScheduleServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus("tidemill.v1.QueueService", ServingStatus.SERVING);
    scheduleThread.start();
  }

  @Override
  public Agent agent() {
    return agent;
  }

  @Override
  public void loop(AgentLoop loop) {
    // Nothing of ours wakes the loop: ends come over the ring, whose producer does,
    // and acknowledgements do not need it.
    acks.begin();
  }

  FreeSlots free() {
    return free;
  }

  Definitions definitions() {
    return definitions;
  }

  Acceptance acceptance() {
    return acceptance;
  }

  QueueApi queueApi() {
    return queueApi;
  }

  TaskApi api() {
    return api;
  }

  Requeues requeues() {
    return requeues;
  }

  Schedules schedules() {
    return schedules;
  }

  ScheduleThread scheduleThread() {
    return scheduleThread;
  }

  ScheduleCalls scheduleCalls() {
    return scheduleCalls;
  }

  GroupCommit commits() {
    return commits;
  }

  Housekeeping housekeeping() {
    return housekeeping;
  }

  /** Nothing is lost by what is left out here: it is all in the mapped files and the journals. */
  @Override
  public void close() throws InterruptedException {
    health.enterTerminalState();
    listeners.shutdown();
    acks.end();
    sessions.closeAll(
        RpcErrors.of(
            Status.Code.UNAVAILABLE,
            "STOPPING",
            "the server stops; open the session again in a moment",
            Map.of()));
    commits.close();
    if (!listeners.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
      listeners.shutdownNow();
      listeners.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
    housekeeping.close();
    scheduleThread.close();
    follows.close();
    requestIds.close();
    waits.close();
    slow.close();
    journal.force();
    journal.close();
    submissions.close();
    outcomes.close();
  }
}
