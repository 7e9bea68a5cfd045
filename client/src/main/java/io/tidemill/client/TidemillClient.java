package io.tidemill.client;

import io.grpc.Status;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.CountTasksRequest;
import io.tidemill.v1.CountTasksResponse;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.DeleteLimitRequest;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.DrainWorkerResponse;
import io.tidemill.v1.ExplainTaskRequest;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.GetDependenciesRequest;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.GetHistoryRequest;
import io.tidemill.v1.GetHistoryResponse;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.GetTaskResponse;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.ListLimitsRequest;
import io.tidemill.v1.ListQueuesRequest;
import io.tidemill.v1.ListSchedulesRequest;
import io.tidemill.v1.ListSchedulesResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.ListWorkersResponse;
import io.tidemill.v1.PreviewScheduleRequest;
import io.tidemill.v1.QueueInfo;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.ScheduleOccurrence;
import io.tidemill.v1.ScheduleRequest;
import io.tidemill.v1.ScheduleResponse;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.SetLimitRequest;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.TriggerScheduleRequest;
import io.tidemill.v1.UpdateQueueRequest;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * The way into Tidemill for a program: single calls, blocking and asynchronous, and sessions for
 * many tasks. Every call repeats itself while the server is away, up to {@link
 * Builder#callTimeout}, and so that nothing is done twice: a submission without a request id gets a
 * random one.
 *
 * <p>Calls fail with a {@link TidemillException}; futures complete with one. Futures complete on
 * the transport's thread: what hangs on them must not block. Safe for use by many threads.
 */
public final class TidemillClient implements AutoCloseable {
  public static final String DEFAULT_PLM = "127.0.0.1:7411";
  public static final String DEFAULT_REGISTER = "127.0.0.1:7413";

  /**
   * How long the server holds one wait; a longer one is asked for again, so that a lost answer is
   * noticed.
   */
  private static final Duration WAIT_SLICE = Duration.ofSeconds(20);

  /** Tasks fetched at a time. */
  private static final int LIST_PAGE = 500;

  private static final Duration WAIT_SLACK = Duration.ofSeconds(5);

  private final Peer plm;
  private final Peer register;
  private final Duration callTimeout;
  private final Duration attemptTimeout;
  private final TaskServiceGrpc.TaskServiceFutureStub tasks;
  private final WorkerServiceGrpc.WorkerServiceFutureStub workers;
  private final QueueServiceGrpc.QueueServiceFutureStub queues;
  private final ScheduleServiceGrpc.ScheduleServiceFutureStub schedules;
  private final TaskAdmin admin;
  private final ClientTimer timer;

  private TidemillClient(Builder builder) {
    timer = new ClientTimer();
    plm = new Peer("the PLM", builder.plm, builder.access, timer);
    register = new Peer("the Register", builder.register, builder.access, timer);
    callTimeout = builder.callTimeout;
    attemptTimeout = builder.attemptTimeout;
    tasks = TaskServiceGrpc.newFutureStub(plm.channel());
    workers = WorkerServiceGrpc.newFutureStub(register.channel());
    queues = QueueServiceGrpc.newFutureStub(plm.channel());
    schedules = ScheduleServiceGrpc.newFutureStub(plm.channel());
    admin = new TaskAdmin(this, TaskAdminServiceGrpc.newFutureStub(plm.channel()));
  }

  /** A client of the PLM at host:port; workers are asked of the default Register. */
  public static TidemillClient connect(String plmAddress) {
    return builder().plm(plmAddress).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Where the servers are and how patient to be. */
  public static final class Builder {
    private String plm = DEFAULT_PLM;
    private String register = DEFAULT_REGISTER;
    private Access access = Access.none();
    private Duration callTimeout = Duration.ofSeconds(30);
    private Duration attemptTimeout = Duration.ofSeconds(10);

    private Builder() {}

    /** The PLM as host:port, or as unix:PATH of its socket on this host. */
    public Builder plm(String address) {
      plm = address;
      return this;
    }

    /** The Register as host:port, or as unix:PATH of its socket on this host. */
    public Builder register(String address) {
      register = address;
      return this;
    }

    /** TLS, and what to prove oneself by; neither unless set. Not used with unix:PATH. */
    public Builder access(Access how) {
      access = how;
      return this;
    }

    /** How long one call goes on, with all its repetitions. 30 seconds unless set. */
    public Builder callTimeout(Duration timeout) {
      callTimeout = timeout;
      return this;
    }

    /**
     * After how long an attempt without an answer is taken for lost and repeated: so long, or up to
     * twice as long, so that many do not come together. 10 seconds unless set.
     */
    public Builder attemptTimeout(Duration timeout) {
      attemptTimeout = timeout;
      return this;
    }

    /**
     * @throws IllegalArgumentException with a sentence, if the access cannot be used
     */
    public TidemillClient build() {
      return new TidemillClient(this);
    }
  }

  // ---- submitting

  /** Submits one task and waits for its acknowledgement. */
  public SubmitTaskResponse submit(TaskSpec spec) {
    return join(submitAsync(spec));
  }

  public CompletableFuture<SubmitTaskResponse> submitAsync(TaskSpec spec) {
    SubmitTaskRequest request = SubmitTaskRequest.newBuilder().setTask(withRequestId(spec)).build();
    return call(plm, how -> how.on(tasks).submitTask(request));
  }

  /**
   * Submits any number of tasks. The answer has an id for each, 0 where it was refused, and the
   * refusals by index. For more than some thousands a {@link #openSession session} is faster and
   * tells the results, too.
   */
  public SubmitTasksResponse submitAll(List<TaskSpec> specs) {
    return join(submitAllAsync(specs));
  }

  public CompletableFuture<SubmitTasksResponse> submitAllAsync(List<TaskSpec> specs) {
    List<TaskSpec> named = specs.stream().map(TidemillClient::withRequestId).toList();
    CompletableFuture<SubmitTasksResponse> answer =
        CompletableFuture.completedFuture(SubmitTasksResponse.getDefaultInstance());
    for (SubmitTasksRequest request : SubmitBatches.cut(named)) {
      answer =
          answer.thenCompose(
              before -> submitBatch(request).thenApply(next -> SubmitBatches.join(before, next)));
    }
    return answer;
  }

  /**
   * Submits tasks that belong together, all of them or none; they may wait for each other by index.
   * At most 1,000 of them, and 2 MiB. If one is refused, the answer has no ids, and the refusals.
   */
  public SubmitTasksResponse submitAtomic(List<TaskSpec> specs) {
    return join(submitAtomicAsync(specs));
  }

  public CompletableFuture<SubmitTasksResponse> submitAtomicAsync(List<TaskSpec> specs) {
    SubmitTasksRequest.Builder request = SubmitTasksRequest.newBuilder().setAtomic(true);
    specs.stream().map(TidemillClient::withRequestId).forEach(request::addTasks);
    return submitBatch(request.build());
  }

  private CompletableFuture<SubmitTasksResponse> submitBatch(SubmitTasksRequest request) {
    return call(plm, how -> how.on(tasks).submitTasks(request));
  }

  private static TaskSpec withRequestId(TaskSpec spec) {
    return spec.getRequestId().isEmpty()
        ? spec.toBuilder().setRequestId(UUID.randomUUID().toString()).build()
        : spec;
  }

  /** Opens a session for many tasks; it connects in the background and for as long as it takes. */
  public TaskSession openSession(SessionOptions options) {
    return new TaskSession(plm, timer, options);
  }

  public TaskSession openSession() {
    return openSession(SessionOptions.defaults());
  }

  // ---- looking

  /** The task as it is now. NOT_FOUND: its id was never given, or its result is no longer kept. */
  public Task get(long taskId) {
    return join(getAsync(taskId));
  }

  public CompletableFuture<Task> getAsync(long taskId) {
    GetTaskRequest request = GetTaskRequest.newBuilder().setTaskId(taskId).build();
    return call(plm, how -> how.on(tasks).getTask(request)).thenApply(GetTaskResponse::getTask);
  }

  /** What a task waits for, or waited for, and how far that is. */
  public GetDependenciesResponse dependencies(long taskId) {
    return join(dependenciesAsync(taskId));
  }

  public CompletableFuture<GetDependenciesResponse> dependenciesAsync(long taskId) {
    GetDependenciesRequest request = GetDependenciesRequest.newBuilder().setTaskId(taskId).build();
    return call(plm, how -> how.on(tasks).getDependencies(request));
  }

  /** Why a task is not running now, and what would change that. */
  public ExplainTaskResponse explain(long taskId) {
    return join(explainAsync(taskId));
  }

  public CompletableFuture<ExplainTaskResponse> explainAsync(long taskId) {
    ExplainTaskRequest request = ExplainTaskRequest.newBuilder().setTaskId(taskId).build();
    return call(plm, how -> how.on(tasks).explainTask(request));
  }

  /** What became of a task so far: each lease, attempt and wait. */
  public GetHistoryResponse history(long taskId) {
    return join(historyAsync(taskId));
  }

  public CompletableFuture<GetHistoryResponse> historyAsync(long taskId) {
    GetHistoryRequest request = GetHistoryRequest.newBuilder().setTaskId(taskId).build();
    return call(plm, how -> how.on(tasks).getHistory(request));
  }

  /**
   * Waits for the end of a task; the answer says whether it came in time. Outlasts restarts of the
   * server.
   */
  public WaitTaskResponse await(long taskId, Duration timeout) {
    return join(awaitAsync(taskId, timeout));
  }

  public CompletableFuture<WaitTaskResponse> awaitAsync(long taskId, Duration timeout) {
    return awaitUntil(taskId, System.nanoTime() + timeout.toNanos());
  }

  private CompletableFuture<WaitTaskResponse> awaitUntil(long taskId, long endNanos) {
    Duration left = Duration.ofNanos(Math.max(1_000_000, endNanos - System.nanoTime()));
    Duration slice = left.compareTo(WAIT_SLICE) < 0 ? left : WAIT_SLICE;
    WaitTaskRequest request =
        WaitTaskRequest.newBuilder()
            .setTaskId(taskId)
            .setTimeoutMs((int) Math.max(1, slice.toMillis()))
            .build();
    Duration patience = left.plus(callTimeout);
    return RetryingCall.start(
            plm, timer, slice.plus(WAIT_SLACK), patience, how -> how.on(tasks).waitTask(request))
        .thenCompose(
            answer ->
                answer.getEnded() || System.nanoTime() - endNanos >= 0
                    ? CompletableFuture.completedFuture(answer)
                    : awaitUntil(taskId, endNanos));
  }

  /**
   * Tasks that match, page after page as the stream is read; the request's page size is how many
   * are fetched at a time and its token where to begin.
   */
  public Stream<Task> list(ListTasksRequest request) {
    return PageIterator.stream(
        token -> {
          ListTasksResponse page = join(listPageAsync(withToken(request, token)));
          return new PageIterator.Page<>(page.getTasksList(), page.getNextPageToken());
        });
  }

  /** The same, of all that match. */
  public Stream<Task> list(TaskFilter filter) {
    return list(ListTasksRequest.newBuilder().setPageSize(LIST_PAGE).setFilter(filter).build());
  }

  /**
   * How many tasks match in each state, in the order of the states; those without a task are left
   * out. Each task that there is meanwhile is counted once, though it may move.
   */
  public Map<TaskState, Long> count(TaskFilter filter) {
    Map<TaskState, Long> counts = new EnumMap<>(TaskState.class);
    String token = "";
    do {
      CountTasksRequest request =
          CountTasksRequest.newBuilder().setFilter(filter).setPageToken(token).build();
      CountTasksResponse page = join(countPageAsync(request));
      page.getCountsList()
          .forEach(each -> counts.merge(each.getState(), each.getCount(), Long::sum));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return counts;
  }

  /** One call's share of {@link #count}; its token, where it is not empty, goes on. */
  public CompletableFuture<CountTasksResponse> countPageAsync(CountTasksRequest request) {
    return call(plm, how -> how.on(tasks).countTasks(request));
  }

  private static ListTasksRequest withToken(ListTasksRequest request, String token) {
    return token.isEmpty() ? request : request.toBuilder().setPageToken(token).build();
  }

  public CompletableFuture<ListTasksResponse> listPageAsync(ListTasksRequest request) {
    return call(plm, how -> how.on(tasks).listTasks(request));
  }

  public GetStatsResponse stats() {
    return join(statsAsync());
  }

  public CompletableFuture<GetStatsResponse> statsAsync() {
    GetStatsRequest request = GetStatsRequest.getDefaultInstance();
    return call(plm, how -> how.on(tasks).getStats(request));
  }

  /**
   * Follows a task: its progress, what its handler emits, its end. Outlasts restarts of the server.
   * Close it when nothing more is wanted.
   */
  public Follow follow(long taskId, FollowListener listener) {
    Follow follow =
        new Follow(TaskServiceGrpc.newStub(plm.channel()), plm, timer, taskId, listener);
    follow.open();
    return follow;
  }

  // ---- acting

  /**
   * Cancels a task, or asks its worker to. A task that has ended keeps its end; the answer tells
   * it.
   */
  public CancelTaskResponse cancel(long taskId, String reason) {
    return join(cancelAsync(taskId, reason));
  }

  public CompletableFuture<CancelTaskResponse> cancelAsync(long taskId, String reason) {
    CancelTaskRequest request =
        CancelTaskRequest.newBuilder().setTaskId(taskId).setReason(reason).build();
    return call(plm, how -> how.on(tasks).cancelTask(request));
  }

  /** What is done with ended tasks and with many tasks at once. */
  public TaskAdmin admin() {
    return admin;
  }

  /** A call of the PLM, waited for. */
  <T> T ask(RetryingCall.Attempt<T> attempt) {
    return join(call(plm, attempt));
  }

  /**
   * Gives a task that waits another priority, see {@link Priorities}; recorded when this returns.
   * FAILED_PRECONDITION: a worker has it, or it has ended.
   */
  public SetPriorityResponse setPriority(long taskId, int priority) {
    return join(setPriorityAsync(taskId, priority));
  }

  public CompletableFuture<SetPriorityResponse> setPriorityAsync(long taskId, int priority) {
    SetPriorityRequest request =
        SetPriorityRequest.newBuilder().setTaskId(taskId).setPriority(priority).build();
    return call(plm, how -> how.on(tasks).setPriority(request));
  }

  // ---- workers

  public List<WorkerInfo> workers(boolean includeDead) {
    return PageIterator.stream(
            token -> {
              ListWorkersResponse page = join(workersPageAsync(includeDead, token));
              return new PageIterator.Page<>(page.getWorkersList(), page.getNextPageToken());
            })
        .toList();
  }

  public CompletableFuture<ListWorkersResponse> workersPageAsync(
      boolean includeDead, String pageToken) {
    ListWorkersRequest request =
        ListWorkersRequest.newBuilder().setIncludeDead(includeDead).setPageToken(pageToken).build();
    return call(register, how -> how.on(workers).listWorkers(request));
  }

  /** Asks a worker to take nothing new, finish and leave. */
  public WorkerInfo drain(String workerId) {
    DrainWorkerRequest request = DrainWorkerRequest.newBuilder().setWorkerId(workerId).build();
    return join(
        call(register, how -> how.on(workers).drainWorker(request))
            .thenApply(DrainWorkerResponse::getWorker));
  }

  // ---- schedules

  /** Makes a schedule, or puts it in the place of one of the same name. */
  public ScheduleStatus createSchedule(Schedule schedule, boolean replace) {
    CreateScheduleRequest request =
        CreateScheduleRequest.newBuilder().setSchedule(schedule).setReplace(replace).build();
    return join(call(plm, how -> how.on(schedules).createSchedule(request))).getSchedule();
  }

  /** All schedules by name, page after page as the stream is read. */
  public Stream<ScheduleStatus> schedules() {
    return PageIterator.stream(
        token -> {
          ListSchedulesRequest request =
              ListSchedulesRequest.newBuilder().setPageToken(token).build();
          ListSchedulesResponse page =
              join(call(plm, how -> how.on(schedules).listSchedules(request)));
          return new PageIterator.Page<>(page.getSchedulesList(), page.getNextPageToken());
        });
  }

  /** NOT_FOUND: there is none of that name. So for those below. */
  public ScheduleStatus schedule(String name) {
    ScheduleRequest request = ScheduleRequest.newBuilder().setName(name).build();
    return schedule(how -> how.on(schedules).getSchedule(request));
  }

  /** What it has submitted stays. */
  public ScheduleStatus deleteSchedule(String name) {
    ScheduleRequest request = ScheduleRequest.newBuilder().setName(name).build();
    return schedule(how -> how.on(schedules).deleteSchedule(request));
  }

  /** Nothing of it is submitted until it is resumed. */
  public ScheduleStatus pauseSchedule(String name) {
    ScheduleRequest request = ScheduleRequest.newBuilder().setName(name).build();
    return schedule(how -> how.on(schedules).pauseSchedule(request));
  }

  /** Goes on with the next occurrence. */
  public ScheduleStatus resumeSchedule(String name) {
    ScheduleRequest request = ScheduleRequest.newBuilder().setName(name).build();
    return schedule(how -> how.on(schedules).resumeSchedule(request));
  }

  private ScheduleStatus schedule(RetryingCall.Attempt<ScheduleResponse> attempt) {
    return join(call(plm, attempt)).getSchedule();
  }

  /** Submits its task now; answers the task's id. Repeated by the library, it is one task. */
  public long triggerSchedule(String name) {
    TriggerScheduleRequest request =
        TriggerScheduleRequest.newBuilder()
            .setName(name)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return join(call(plm, how -> how.on(schedules).triggerSchedule(request))).getTaskId();
  }

  /** When a schedule, or one that there is not yet, is due next. */
  public List<ScheduleOccurrence> previewSchedule(PreviewScheduleRequest request) {
    return join(call(plm, how -> how.on(schedules).previewSchedule(request))).getOccurrencesList();
  }

  // ---- queues and limits

  /** Every queue that has had tasks, or is set. */
  public List<QueueInfo> queues() {
    ListQueuesRequest request = ListQueuesRequest.getDefaultInstance();
    return join(call(plm, how -> how.on(queues).listQueues(request))).getQueuesList();
  }

  /** Pauses, resumes or limits a queue: what the request leaves out stays as it is. */
  public QueueInfo updateQueue(UpdateQueueRequest request) {
    return join(call(plm, how -> how.on(queues).updateQueue(request))).getQueue();
  }

  /** The limits of keys that are set. */
  public List<KeyLimit> limits() {
    ListLimitsRequest request = ListLimitsRequest.getDefaultInstance();
    return join(call(plm, how -> how.on(queues).listLimits(request))).getLimitsList();
  }

  /** Sets the limit of a key, in place of the one that it had. */
  public KeyLimit setLimit(KeyLimit limit) {
    SetLimitRequest request = SetLimitRequest.newBuilder().setLimit(limit).build();
    return join(call(plm, how -> how.on(queues).setLimit(request))).getLimit();
  }

  public void deleteLimit(String key) {
    DeleteLimitRequest request = DeleteLimitRequest.newBuilder().setKey(key).build();
    join(call(plm, how -> how.on(queues).deleteLimit(request)));
  }

  // ---- ends

  /** Ends the calls under way; sessions are closed by those who opened them. */
  @Override
  public void close() {
    timer.close();
    plm.close();
    register.close();
  }

  private <T> CompletableFuture<T> call(Peer peer, RetryingCall.Attempt<T> attempt) {
    return RetryingCall.start(peer, timer, attemptTimeout, callTimeout, attempt);
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new TidemillException(Status.Code.CANCELLED, "", "interrupted while waiting");
    } catch (ExecutionException e) {
      throw TidemillException.of(unwrapped(e.getCause()), "the server");
    }
  }

  private static Throwable unwrapped(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
