package io.tidemill.scheduler;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.HeldLease;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Main Scheduler on real mapped files and a real port, in this process; the test plays the PLM
 * and the Register on the shared memory.
 */
final class Plant implements AutoCloseable {
  private final Instance instance;
  private final Regions regions;
  private final Journal submissions;
  private final SubmissionEncoder encoder = new SubmissionEncoder();
  private final SchedulerPart part;
  private final AgentLoop loop;
  private final Thread main;
  private final int port;
  private final Map<String, String> set;
  private final List<FakeWorker> workers = new ArrayList<>();

  Plant(Path data) throws Exception {
    this(data, Map.of());
  }

  /** One with settings of its own. */
  Plant(Path data, Map<String, String> set) throws Exception {
    this(data, freePort(), set);
  }

  private Plant(Path data, int port, Map<String, String> set) throws Exception {
    this.port = port;
    this.set = set;
    Map<String, String> all = new HashMap<>();
    all.put("tasks.max", "200000");
    all.put("workers.max", "8");
    all.put("types.max", "16");
    all.put("task.returns.max", "3");
    all.put("port.scheduler", Integer.toString(port));
    all.putAll(set);
    Settings settings = Settings.load(all, Map.of(), data);
    this.instance = Instance.enter(data, settings, Role.SCHEDULER);
    this.regions = instance.regions();
    this.submissions = Journals.write(instance.dir().submissions(), settings, 0);
    this.part = new SchedulerPart(instance);
    this.loop = new AgentLoop(instance, part.agent());
    part.loop(loop);
    part.start();
    this.main = new Thread(loop::run, "main-loop");
    main.start();
  }

  /** Another Main Scheduler on the same files and port, after this one was closed. */
  Plant again() throws Exception {
    return again(set);
  }

  /** The same with another placement policy. */
  Plant again(String otherPolicy) throws Exception {
    return again(Map.of("placement.policy", otherPolicy));
  }

  /** The same with other settings. */
  Plant again(Map<String, String> others) throws Exception {
    return new Plant(instance.dir().root(), port, others);
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Regions regions() {
    return regions;
  }

  TaskTable tasks() {
    return regions.tasks();
  }

  /** A worker comes that was registered; it goes with the plant at the latest. */
  FakeWorker connect(long key, int window, HeldLease... held) {
    FakeWorker worker = new FakeWorker(address(), key, window, held);
    workers.add(worker);
    return worker;
  }

  /** Registers a worker for "echo", which comes. */
  FakeWorker worker(int row, int window) {
    return connect(register(row, "echo"), window);
  }

  // As the PLM.

  /** Accepts a task of a lane in the next slot that was never used; answers the slot. */
  int submit(String type, int priority, String payload) {
    return announced(accept(type, priority, payload));
  }

  /** The same of a task that was accepted so long ago. */
  int submitAged(String type, int priority, String payload, long ageNanos) {
    int slot = accept(type, priority, payload);
    tasks().submittedNanos(slot, System.nanoTime() - ageNanos);
    change(slot, priority);
    return slot;
  }

  /** Accepts a task as {@link #submit} does, and dies before it told anybody. */
  int accept(String type, int priority, String payload) {
    return accept(type, new Terms.Texts("", "", ""), priority, payload);
  }

  /** Submits a task of a key. */
  int submitOf(String key, String type, int priority, String payload) {
    return announced(accept(type, new Terms.Texts("", key, ""), priority, payload));
  }

  /** Submits a task with an affinity key. */
  int submitAffine(String key, String type, int priority, String payload) {
    return announced(accept(type, new Terms.Texts("", "", "", key), priority, payload));
  }

  private int announced(int slot) {
    regions
        .rings()
        .plmToScheduler()
        .offer(Rings.event(Rings.TASK_READY, slot), tasks().sequence(slot));
    regions.wakeUp(Role.SCHEDULER).wake();
    return slot;
  }

  /** Gives a task another priority, without a word to the Main Scheduler. */
  void changeSilently(int slot, int priority) {
    tasks().priorityChanged(slot, priority);
  }

  /** Gives a task another priority. */
  void change(int slot, int priority) {
    changeSilently(slot, priority);
    announced(slot);
  }

  /** These rules hold for queues and keys from now on. */
  void rules(Rule... rules) {
    regions.rules().publish(List.of(rules));
    regions.wakeUp(Role.SCHEDULER).wake();
  }

  /** Submits a task of a tenant. */
  int submitFor(String tenant, String type, int priority, String payload) {
    int slot = accept(type, Terms.Texts.NONE, priority, payload);
    regions.terms().clear(slot);
    regions.terms().tenant(slot, KeyHash.ofTenant(tenant));
    tasks().flags(slot, TaskTable.FLAG_TERMS);
    change(slot, priority);
    return slot;
  }

  private int accept(String type, Terms.Texts texts, int priority, String payload) {
    boolean hasTerms = !texts.equals(Terms.Texts.NONE);
    TaskTable tasks = regions.tasks();
    int slot = regions.control().slotsUsed();
    regions.control().slotsUsed(slot + 1);
    long word = tasks.fill(slot, tasks.word(slot));
    long id = TaskId.of(regions.control().epoch(), StateWord.generation(word), slot);
    long sequence = regions.control().drawSequences(1);
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    encoder
        .task(id, 0, Lane.parse(type).type(), priority)
        .terms(60_000, 1, (byte) 1)
        .payload(bytes, 0, bytes.length);
    if (hasTerms) {
      encoder.terms(Terms.NONE.with(texts));
    }
    submissions.reserve(encoder.length() + RecordDescriptor.OVERHEAD_MAX);
    RunWriter run = submissions.begin();
    long position = run.append(sequence, encoder);
    run.commit();
    tasks.clearLife(slot);
    tasks.id(slot, id);
    tasks.sequence(slot, sequence);
    tasks.priority(slot, priority);
    tasks.type(slot, regions.types().intern(type));
    tasks.submission(slot, position);
    tasks.submittedNanos(slot, System.nanoTime());
    tasks.timeoutMs(slot, 60_000);
    tasks.attemptsMax(slot, 1);
    if (hasTerms) {
      regions.terms().clear(slot);
      regions.terms().key(slot, KeyHash.of(texts.key()));
      regions.terms().workerDeathsMax(slot, 0, KeyHash.affinity(texts.affinity()));
      tasks.flags(slot, TaskTable.FLAG_TERMS);
    }
    tasks.publish(slot, word, TaskState.READY);
    return slot;
  }

  // As the Register.

  /** Registers a worker in a row; answers its key. */
  long register(int row, String... types) {
    return register(row, Offer.NONE, types);
  }

  long register(int row, Offer offer, String... types) {
    WorkerTable.Registration registration =
        new WorkerTable.Registration("w" + row, row + 1, 1, List.of(types), "", 1, offer);
    long incarnation = regions.workers().enter(row, registration, 0, System.nanoTime());
    tellChanged(row);
    return WorkerKey.of(regions.control().epoch(), incarnation, row);
  }

  void die(int row) {
    regions.workers().state(row, WorkerTable.State.DEAD);
    tellChanged(row);
  }

  void drain(int row) {
    regions.workers().state(row, WorkerTable.State.DRAINING);
    tellChanged(row);
  }

  private void tellChanged(int row) {
    tell(Rings.WORKER_CHANGED, row, regions.workers().incarnation(row));
  }

  /** Ends a leased task and returns the capacity. */
  void succeed(int slot) {
    long word = tasks().word(slot);
    int worker = StateWord.worker(word);
    word = tasks().record(slot, word);
    regions.mapping().clear(slot);
    tasks().end(slot, word, TaskState.SUCCEEDED);
    tell(Rings.CAPACITY_RETURNED, worker, 1);
  }

  /** A worker hands a task back that it has not started. */
  void handBack(int slot) {
    long word = tasks().word(slot);
    int worker = StateWord.worker(word);
    word = tasks().record(slot, word);
    regions.mapping().clear(slot);
    tasks().retry(slot, word);
    tell(Rings.CAPACITY_RETURNED, worker, 1);
    tell(Rings.TASK_READY, slot, tasks().sequence(slot));
  }

  /** A worker said that it started a task. */
  void start(int slot) {
    tasks().startedNanos(slot, System.nanoTime());
    tasks().start(slot, tasks().word(slot));
  }

  void tell(int kind, int index, long value) {
    regions.rings().registerToScheduler().offer(Rings.event(kind, index), value);
    regions.wakeUp(Role.SCHEDULER).wake();
  }

  TaskState state(int slot) {
    return StateWord.state(tasks().word(slot));
  }

  @Override
  public void close() throws Exception {
    loop.stop();
    main.join();
    part.close();
    submissions.close();
    instance.close();
    workers.forEach(FakeWorker::close);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
