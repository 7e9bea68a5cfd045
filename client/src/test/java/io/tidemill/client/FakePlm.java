package io.tidemill.client;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.TaskIds;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.CountTasksRequest;
import io.tidemill.v1.CountTasksResponse;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.Duplicate;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Durability;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.ExplainTaskRequest;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.FollowTaskRequest;
import io.tidemill.v1.FollowTaskResponse;
import io.tidemill.v1.GetDependenciesRequest;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.GetTaskResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.Reason;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A PLM over real gRPC that keeps to the protocol's comments and breaks its streams where a test
 * wants it to. Its memory outlives its server, as the real one's does. It runs tasks itself, at
 * once or when told.
 */
public final class FakePlm extends TaskServiceGrpc.TaskServiceImplBase implements AutoCloseable {
  private static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

  public final FakeWorkers workers = new FakeWorkers();
  private final FakeTaskAdmin admin = new FakeTaskAdmin();
  public final FakeQueues queues = new FakeQueues();
  public final FakeSchedules schedules = new FakeSchedules();
  private Reason reason = Reason.getDefaultInstance();
  private List<EmittedPart> emitted = List.of();
  private final Map<Long, Task.Builder> tasks = new LinkedHashMap<>();
  private final Map<Long, TaskSpec> specs = new HashMap<>();
  private final Map<String, Long> requestIds = new HashMap<>();
  private final FakeSessions sessions = new FakeSessions(this);
  private final List<Waiter> waiters = new ArrayList<>();
  private Function<TaskSpec, TaskResult.Builder> handler = FakePlm::echo;
  private Function<TaskSpec, Refusal.Builder> refuser = spec -> null;
  private boolean endsAtOnce = true;
  private long forgotten;
  public final AtomicLong opens = new AtomicLong();
  public final AtomicLong breaks = new AtomicLong();
  public final AtomicLong runs = new AtomicLong();
  public final AtomicLong unaryCalls = new AtomicLong();
  public final AtomicLong failNextCalls = new AtomicLong();
  public volatile Status failure = Status.UNAVAILABLE;
  private GetStatsResponse stats = defaultStats();
  private Server server;
  private int port;

  public FakePlm() {
    start();
  }

  /** A result that is the payload. */
  public static TaskResult.Builder echo(TaskSpec spec) {
    return TaskResult.newBuilder()
        .setState(TaskState.TASK_STATE_SUCCEEDED)
        .setResult(spec.getPayload());
  }

  // ---- what a test sets

  public synchronized FakePlm handler(Function<TaskSpec, TaskResult.Builder> toSet) {
    handler = toSet;
    return this;
  }

  /** What was submitted last and accepted. */
  public synchronized TaskSpec lastSpec() {
    TaskSpec last = null;
    for (long id : tasks.keySet()) {
      last = specs.getOrDefault(id, last);
    }
    return last;
  }

  public synchronized FakePlm refuser(Function<TaskSpec, Refusal.Builder> toSet) {
    refuser = toSet;
    return this;
  }

  public synchronized FakePlm endsAtOnce(boolean toSet) {
    endsAtOnce = toSet;
    return this;
  }

  public synchronized FakePlm resultsFirst(boolean toSet) {
    sessions.resultsFirst = toSet;
    return this;
  }

  public synchronized FakePlm resultsTwice(boolean toSet) {
    sessions.resultsTwice = toSet;
    return this;
  }

  public synchronized FakePlm submitWindow(int toSet) {
    sessions.submitWindow = toSet;
    return this;
  }

  public synchronized FakePlm payloadBytesMax(int toSet) {
    sessions.payloadBytesMax = toSet;
    return this;
  }

  /** Drops the stream when so many have been accepted, before they are acknowledged. */
  public synchronized FakePlm breakAfterAccepted(long count) {
    sessions.acceptedUntilBreak = count;
    sessions.breakEvery = count;
    return this;
  }

  public synchronized FakePlm breakAfterAcks(long count) {
    sessions.acksUntilBreak = count;
    sessions.breakEvery = count;
    return this;
  }

  public synchronized FakePlm breakAfterResults(long count) {
    sessions.resultsUntilBreak = count;
    sessions.breakEvery = count;
    return this;
  }

  public synchronized FakePlm stats(GetStatsResponse toSet) {
    stats = toSet;
    return this;
  }

  // ---- what a test does and sees

  public FakeTaskAdmin admin() {
    return admin;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public synchronized int taskCount() {
    return tasks.size();
  }

  public synchronized List<Task> allTasks() {
    return tasks.values().stream().map(Task.Builder::build).toList();
  }

  /** What was asked for, in the order of acceptance. */
  public synchronized List<TaskSpec> allSpecs() {
    return tasks.keySet().stream().map(specs::get).toList();
  }

  public synchronized void change(long taskId, java.util.function.Consumer<Task.Builder> change) {
    change.accept(tasks.get(taskId));
  }

  /** Forgets an ended task, as retention does. */
  public synchronized void forget(long taskId) {
    tasks.remove(taskId);
    forgotten = taskId;
  }

  public synchronized void endAll() {
    List<Long> live =
        tasks.values().stream()
            .filter(task -> !TaskStates.isEnd(task.getState()))
            .map(Task.Builder::getTaskId)
            .toList();
    live.forEach(id -> end(id, handler.apply(specs.get(id))));
  }

  public synchronized void end(long taskId, TaskResult.Builder result) {
    Task.Builder task = tasks.get(taskId);
    task.setState(result.getState())
        .setResult(result.getResult())
        .setError(result.getError())
        .setWorkerId(result.getWorkerId().isEmpty() ? "w1" : result.getWorkerId())
        .setAssignedMs(1_700_000_000_001L)
        .setStartedMs(1_700_000_000_002L)
        .setEndedMs(1_700_000_000_003L)
        .setLease(1);
    sessions.tell(taskId);
    waiters.stream().filter(w -> w.taskId == taskId).forEach(w -> w.answer(task.build()));
    waiters.removeIf(w -> w.taskId == taskId);
  }

  /** Dies: every connection is cut, what is in memory stays. */
  public void kill() {
    try {
      server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      sessions.forgetStreams();
      waiters.clear();
    }
  }

  /** Starts (again), on the port it had before. */
  public void start() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    server =
        Transport.server(
            address,
            MESSAGE_BYTES_MAX,
            new HealthStatusManager(),
            List.of(this, workers, admin, queues, schedules));
    try {
      server.start();
    } catch (IOException e) {
      throw new IllegalStateException("cannot listen: port=" + port, e);
    }
    port = server.getPort();
  }

  @Override
  public void close() {
    kill();
  }

  // ---- accepting

  /** Answers its id, or that of the one that has its request id. */
  long accept(TaskSpec spec) {
    Long known = spec.getRequestId().isEmpty() ? null : requestIds.get(spec.getRequestId());
    if (known != null) {
      return known;
    }
    long id = (1L << 52) | (1L << 24) | (specs.size() + 1);
    requestIds.put(spec.getRequestId(), id);
    specs.put(id, spec);
    tasks.put(
        id,
        Task.newBuilder()
            .setTaskId(id)
            .setType(spec.getType())
            .setPriority(spec.getPriority())
            .setState(TaskState.TASK_STATE_READY)
            .setAttempt(1)
            .setSubmittedMs(1_700_000_000_000L)
            .setPayloadBytes(spec.getPayload().size()));
    return id;
  }

  /** How many have ever been. */
  int acceptedCount() {
    return specs.size();
  }

  /** Null: not known (any more). */
  Task.Builder task(long id) {
    return tasks.get(id);
  }

  void runIfAtOnce(long id) {
    if (endsAtOnce && tasks.containsKey(id) && !TaskStates.isEnd(tasks.get(id).getState())) {
      end(id, handler.apply(specs.get(id)));
    }
  }

  /** Null: it is accepted. */
  Refusal.Builder refusal(TaskSpec spec) {
    if (spec.getType().isEmpty()) {
      return Refusal.newBuilder()
          .setReason("TYPE_INVALID")
          .setMessage("bad type: type=; name a handler")
          .setCode(Status.Code.INVALID_ARGUMENT.value());
    }
    return refuser.apply(spec);
  }

  /** Whether this call shall fail; it has been ended then. */
  private boolean failed(StreamObserver<?> responses) {
    unaryCalls.incrementAndGet();
    if (failNextCalls.get() > 0) {
      failNextCalls.decrementAndGet();
      responses.onError(failure.asRuntimeException());
      return true;
    }
    return false;
  }

  @Override
  public synchronized void submitTask(
      SubmitTaskRequest request, StreamObserver<SubmitTaskResponse> responses) {
    Refusal.Builder refused = refusal(request.getTask());
    if (refused != null) {
      responses.onError(
          RpcErrors.of(
              Status.fromCodeValue(refused.getCode()).getCode(),
              refused.getReason(),
              refused.getMessage(),
              refused.getRetryAfterMs() > 0
                  ? Map.of("retry_after_ms", String.valueOf(refused.getRetryAfterMs()))
                  : Map.of()));
      return;
    }
    int before = tasks.size();
    long id = accept(request.getTask());
    boolean duplicate = tasks.size() == before;
    runIfAtOnce(id);
    if (failed(responses)) {
      return; // accepted, and the answer is lost
    }
    responses.onNext(
        SubmitTaskResponse.newBuilder()
            .setTaskId(id)
            .setDuplicate(duplicate)
            .setDurability(Durability.DURABILITY_PROCESS)
            .build());
    responses.onCompleted();
  }

  @Override
  public synchronized void submitTasks(
      SubmitTasksRequest request, StreamObserver<SubmitTasksResponse> responses) {
    SubmitTasksResponse.Builder answer =
        SubmitTasksResponse.newBuilder().setDurability(Durability.DURABILITY_PROCESS);
    for (int i = 0; i < request.getTasksCount(); i++) {
      Refusal.Builder refused = refusal(request.getTasks(i));
      int before = tasks.size();
      long id = refused == null ? accept(request.getTasks(i)) : 0;
      answer.addTaskIds(id);
      if (refused != null) {
        answer.addRefusals(refused.setNumber(i));
      } else if (tasks.size() == before) {
        answer.setDuplicates(answer.getDuplicates() + 1).addDuplicateTasks(duplicate(i, id));
      }
    }
    if (failed(responses)) {
      return;
    }
    responses.onNext(answer.build());
    responses.onCompleted();
    answer.getTaskIdsList().forEach(this::runIfAtOnce);
  }

  static Duplicate duplicate(long number, long id) {
    return Duplicate.newBuilder()
        .setNumber(number)
        .setReason(DuplicateReason.DUPLICATE_REASON_REQUEST_ID)
        .setDuplicateOf(id)
        .build();
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> responses) {
    return sessions.open(responses);
  }

  // ---- the rest

  private record Waiter(long taskId, StreamObserver<WaitTaskResponse> responses) {
    void answer(Task task) {
      responses.onNext(WaitTaskResponse.newBuilder().setTask(task).setEnded(true).build());
      responses.onCompleted();
    }
  }

  private boolean unknown(long taskId, StreamObserver<?> responses) {
    if (tasks.containsKey(taskId)) {
      return false;
    }
    String reason = taskId == forgotten ? "TASK_EXPIRED" : "TASK_UNKNOWN";
    responses.onError(
        RpcErrors.of(
            Status.Code.NOT_FOUND,
            reason,
            "no such task: task_id=" + TaskIds.format(taskId) + "; was it on this instance?",
            Map.of("task_id", TaskIds.format(taskId))));
    return true;
  }

  @Override
  public synchronized void getTask(
      GetTaskRequest request, StreamObserver<GetTaskResponse> responses) {
    if (failed(responses) || unknown(request.getTaskId(), responses)) {
      return;
    }
    responses.onNext(GetTaskResponse.newBuilder().setTask(tasks.get(request.getTaskId())).build());
    responses.onCompleted();
  }

  /** With a time of at most a second it answers at once that the time was over. */
  @Override
  public synchronized void waitTask(
      WaitTaskRequest request, StreamObserver<WaitTaskResponse> responses) {
    if (failed(responses) || unknown(request.getTaskId(), responses)) {
      return;
    }
    Task task = tasks.get(request.getTaskId()).build();
    boolean ended = TaskStates.isEnd(task.getState());
    if (ended || request.getTimeoutMs() <= 1000) {
      responses.onNext(WaitTaskResponse.newBuilder().setTask(task).setEnded(ended).build());
      responses.onCompleted();
    } else {
      waiters.add(new Waiter(request.getTaskId(), responses));
    }
  }

  /** Why no task of a fake runs. */
  public synchronized void reason(Reason why) {
    reason = why;
  }

  @Override
  public synchronized void explainTask(
      ExplainTaskRequest request, StreamObserver<ExplainTaskResponse> responses) {
    if (unknown(request.getTaskId(), responses)) {
      return;
    }
    responses.onNext(
        ExplainTaskResponse.newBuilder()
            .setTaskId(request.getTaskId())
            .setState(tasks.get(request.getTaskId()).getState())
            .addReasons(reason)
            .build());
    responses.onCompleted();
  }

  /** What a task's handler has emitted: all of it is told whenever somebody follows the task. */
  public synchronized void emitted(EmittedPart... parts) {
    emitted = List.of(parts);
  }

  @Override
  public synchronized void followTask(
      FollowTaskRequest request, StreamObserver<FollowTaskResponse> responses) {
    if (unknown(request.getTaskId(), responses)) {
      return;
    }
    Task task = tasks.get(request.getTaskId()).build();
    responses.onNext(FollowTaskResponse.newBuilder().setChanged(task).build());
    emitted.forEach(
        part -> responses.onNext(FollowTaskResponse.newBuilder().setPart(part).build()));
    if (failed(responses)) {
      return; // broken, and to be followed again
    }
    responses.onNext(FollowTaskResponse.newBuilder().setEnded(task).build());
    responses.onCompleted();
  }

  @Override
  public synchronized void listTasks(
      ListTasksRequest request, StreamObserver<ListTasksResponse> responses) {
    if (failed(responses)) {
      return;
    }
    List<Task> matching = matching(request.getFilter());
    int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    int size = request.getPageSize() == 0 ? 100 : request.getPageSize();
    int to = Math.min(matching.size(), from + size);
    responses.onNext(
        ListTasksResponse.newBuilder()
            .addAllTasks(matching.subList(from, to))
            .setNextPageToken(to < matching.size() ? String.valueOf(to) : "")
            .build());
    responses.onCompleted();
  }

  private List<Task> matching(TaskFilter filter) {
    return allTasks().stream()
        .filter(t -> filter.getStatesCount() == 0 || filter.getStatesList().contains(t.getState()))
        .filter(t -> filter.getType().isEmpty() || filter.getType().equals(t.getType()))
        .filter(t -> t.getError().contains(filter.getError()))
        .filter(t -> t.getSubmittedMs() >= filter.getSubmittedAfterMs())
        .toList();
  }

  /** A state in each call, so that they have to be added up. */
  @Override
  public synchronized void countTasks(
      CountTasksRequest request, StreamObserver<CountTasksResponse> responses) {
    if (failed(responses)) {
      return;
    }
    List<Task> matching = matching(request.getFilter());
    int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    CountTasksResponse.Builder answer = CountTasksResponse.newBuilder();
    if (from < matching.size()) {
      answer.addCounts(
          CountTasksResponse.Count.newBuilder()
              .setState(matching.get(from).getState())
              .setCount(1));
    }
    responses.onNext(
        answer
            .setNextPageToken(from + 1 < matching.size() ? String.valueOf(from + 1) : "")
            .build());
    responses.onCompleted();
  }

  @Override
  public synchronized void cancelTask(
      CancelTaskRequest request, StreamObserver<CancelTaskResponse> responses) {
    if (failed(responses) || unknown(request.getTaskId(), responses)) {
      return;
    }
    Task.Builder task = tasks.get(request.getTaskId());
    boolean running = task.getState() == TaskState.TASK_STATE_RUNNING;
    if (!running && !TaskStates.isEnd(task.getState())) {
      task.setState(TaskState.TASK_STATE_CANCELLED).setError(request.getReason());
    }
    responses.onNext(CancelTaskResponse.newBuilder().setTask(task).setRequested(running).build());
    responses.onCompleted();
  }

  /** Of tasks that were named by their ids. */
  @Override
  public synchronized void getDependencies(
      GetDependenciesRequest request, StreamObserver<GetDependenciesResponse> responses) {
    if (failed(responses) || unknown(request.getTaskId(), responses)) {
      return;
    }
    TaskSpec spec = specs.get(request.getTaskId());
    GetDependenciesResponse.Builder answer =
        GetDependenciesResponse.newBuilder()
            .setRule(spec.getDependencyRule())
            .setTotal(spec.getDependsOnCount());
    for (Dependency each : spec.getDependsOnList()) {
      TaskState state = tasks.get(each.getTaskId()).getState();
      boolean succeeded = state == TaskState.TASK_STATE_SUCCEEDED;
      boolean ended = TaskStates.isEnd(state);
      answer
          .setEnded(answer.getEnded() + (ended ? 1 : 0))
          .setSucceeded(answer.getSucceeded() + (succeeded ? 1 : 0))
          .setFailed(answer.getFailed() + (ended && !succeeded ? 1 : 0))
          .addTasks(ParentResult.newBuilder().setTaskId(each.getTaskId()).setState(state));
    }
    responses.onNext(answer.build());
    responses.onCompleted();
  }

  @Override
  public synchronized void setPriority(
      SetPriorityRequest request, StreamObserver<SetPriorityResponse> responses) {
    if (failed(responses) || unknown(request.getTaskId(), responses)) {
      return;
    }
    Task.Builder task = tasks.get(request.getTaskId());
    if (task.getState() != TaskState.TASK_STATE_READY) {
      responses.onError(
          RpcErrors.of(
              Status.Code.FAILED_PRECONDITION,
              "TASK_NOT_WAITING",
              "the task's priority cannot be changed any more: state=" + task.getState(),
              Map.of()));
      return;
    }
    task.setPriority(request.getPriority());
    responses.onNext(
        SetPriorityResponse.newBuilder()
            .setTask(task)
            .setDurability(Durability.DURABILITY_PROCESS)
            .build());
    responses.onCompleted();
  }

  @Override
  public synchronized void getStats(
      GetStatsRequest request, StreamObserver<GetStatsResponse> responses) {
    if (failed(responses)) {
      return;
    }
    responses.onNext(stats);
    responses.onCompleted();
  }

  private static GetStatsResponse defaultStats() {
    return GetStatsResponse.newBuilder()
        .addStates(
            GetStatsResponse.StateCount.newBuilder()
                .setState(TaskState.TASK_STATE_READY)
                .setCount(7))
        .addPriorities(GetStatsResponse.PriorityCount.newBuilder().setPriority(5).setCount(7))
        .setAccepted(100)
        .setRecorded(93)
        .setPriorityChanges(4)
        .addProcesses(process("plm", 11, "ALIVE"))
        .addProcesses(process("scheduler", 12, "ALIVE"))
        .addProcesses(process("register", 13, "DEAD"))
        .setTasksPerS(1234.5)
        .setP50Us(150)
        .setP95Us(900)
        .setP99Us(2_500)
        .setMaxUs(71_000)
        .setWorkersAlive(2)
        .setCapacity(1_000_000)
        .build();
  }

  private static ProcessInfo process(String role, int pid, String state) {
    return ProcessInfo.newBuilder()
        .setRole(role)
        .setPid(pid)
        .setIncarnation(3)
        .setState(state)
        .setRestarts(2)
        .setStartedMs(1_700_000_000_000L)
        .build();
  }
}
