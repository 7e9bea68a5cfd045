package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.v1.AwaitTasks;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskResults;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream of a session. Messages are asked for one by one, and only while the client takes what
 * it is sent, so that one that does not read costs a bounded queue of numbers and nobody else's
 * time. Requests come on the transport's thread, results from the main loop, acknowledgements from
 * either or from the committer.
 */
final class SessionStream implements StreamObserver<SessionRequest> {
  /** Results that a client may leave unread before its submissions are no longer read. */
  static final int UNREAD_MAX = 128 * 1_024;

  /** The same for all clients together, beyond which a client with more than a few has to wait. */
  private static final long UNREAD_TOTAL_MAX = 1_024 * 1_024;

  private static final int UNREAD_FEW = 1_024;
  private static final int RESULTS_PER_MESSAGE_MAX = 512;
  private static final int RESULT_BYTES_PER_MESSAGE = 1 << 18;

  /** Fewer results wait until what was sent before has been taken, and then go together. */
  private static final int RESULTS_FEW = 128;

  /** What streams share. */
  record Shared(
      Sessions sessions,
      Intake intake,
      Ends ends,
      RecordReaders submissions,
      RecordReaders outcomes,
      ResultQueue.Total unread,
      AckTurn acks,
      int awaitedMax) {}

  private final Shared shared;
  private final ServerCallStreamObserver<SessionResponse> call;
  private final SendRoom room;
  private final AckQueue acks = new AckQueue(this::send);
  private final ResultQueue results;
  private final AtomicInteger pumping = new AtomicInteger();

  /** Ends that are yet to come: what was accepted and awaited, less what has been queued. */
  private final AtomicLong expected = new AtomicLong();

  private volatile Session session;
  private volatile boolean wantsResults;

  /**
   * Only where requests are handled, one at a time: the number that the next run has to begin with,
   * 0: any.
   */
  private long nextNumber;

  /** Guarded by this: whether a message is being handled or asked for. */
  private boolean asked;

  private volatile boolean halfClosed;

  /** A run is being accepted, perhaps on another thread. */
  private volatile boolean accepting;

  /** The first number that became a task on this stream; 0: none did. */
  private volatile long firstAccepted;

  private final Set<Ends.Awaited> awaited = ConcurrentHashMap.newKeySet();

  /** Guarded by the call. */
  private boolean closed;

  SessionStream(Shared shared, ServerCallStreamObserver<SessionResponse> call) {
    this.shared = shared;
    this.call = call;
    this.results = new ResultQueue(shared.unread());
    call.disableAutoRequest();
    room = new SendRoom(call);
    call.setOnReadyHandler(this::onReady);
    call.setOnCancelHandler(this::ended);
    askForMore();
  }

  // Flow.

  private void onReady() {
    pump();
    askForMore();
  }

  /** Asks for the next message, if none is on its way and the client takes what it is sent. */
  private void askForMore() {
    synchronized (this) {
      if (asked || !takesMore()) {
        return;
      }
      asked = true;
    }
    call.request(1);
  }

  private boolean takesMore() {
    if (session == null) {
      return true; // the first message
    }
    int unread = results.size();
    boolean crowded = shared.unread().entries() > UNREAD_TOTAL_MAX && unread > UNREAD_FEW;
    return room.isFree() && unread < UNREAD_MAX && !crowded;
  }

  /** A message has been dealt with. */
  private void handled() {
    synchronized (this) {
      asked = false;
    }
    askForMore();
    finishIfDone();
  }

  // Requests.

  @Override
  public void onNext(SessionRequest request) {
    try {
      switch (request.getKindCase()) {
        case OPEN -> open(request.getOpen());
        case SUBMIT -> submit(opened(), request.getSubmit());
        case AWAIT -> await(opened(), request.getAwait());
        case KIND_NOT_SET ->
            throw RpcErrors.invalid(
                "SESSION_MESSAGE_UNKNOWN",
                "kind",
                "",
                "a session message says nothing that is known here; send open, submit or await");
      }
    } catch (StatusRuntimeException refused) {
      fail(refused);
    }
  }

  private Session opened() {
    if (session == null) {
      throw RpcErrors.of(
          Status.Code.FAILED_PRECONDITION,
          "SESSION_NOT_OPEN",
          "the first message of a session stream was not open; send open first",
          Map.of("field", "open"));
    }
    return session;
  }

  private void open(OpenSession open) {
    if (session != null) {
      throw RpcErrors.of(
          Status.Code.FAILED_PRECONDITION,
          "SESSION_OPEN_TWICE",
          "the session stream was opened before; send open once",
          Map.of("field", "open"));
    }
    if (open.getSessionId() == 0) {
      throw RpcErrors.invalid(
          "SESSION_ID_ZERO", "session_id", 0, "session_id=0 is no session; choose a random number");
    }
    Sessions.Opened opened = shared.sessions().open(open.getSessionId(), this);
    if (opened.refused() != null) {
      throw opened.refused().toException();
    }
    wantsResults = !open.getNoResults();
    session = opened.session();
    if (opened.before() != null) {
      opened.before().fail(replaced(open.getSessionId()));
    }
    SessionOpened answer =
        SessionOpened.newBuilder()
            .setSubmitWindow(opened.session().window())
            .setResumed(opened.resumed())
            .setPayloadBytesMax(shared.intake().check().payloadBytesMax())
            .build();
    send(SessionResponse.newBuilder().setOpened(answer).build());
    handled();
  }

  private static StatusRuntimeException replaced(long sessionId) {
    return RpcErrors.of(
        Status.Code.ABORTED,
        "SESSION_OPENED_ELSEWHERE",
        "the session was opened again on another stream: session_id="
            + Long.toUnsignedString(sessionId)
            + "; go on there",
        Map.of("session_id", Long.toUnsignedString(sessionId)));
  }

  private void submit(Session to, SubmitRun run) {
    checkNumbers(to, run);
    nextNumber = run.getFirstNumber() + run.getTasksCount();
    accepting = true;
    Refused refused = shared.intake().run(run.getTasksList(), () -> accept(to, run));
    if (refused != null) {
      throw refused.toException();
    }
  }

  private void checkNumbers(Session to, SubmitRun run) {
    long first = run.getFirstNumber();
    if (nextNumber != 0 && first != nextNumber) {
      throw RpcErrors.invalid(
          "NUMBER_OUT_OF_ORDER",
          "first_number",
          Long.toUnsignedString(first),
          "a run does not follow the one before: first_number="
              + Long.toUnsignedString(first)
              + " expected="
              + nextNumber
              + "; number submissions without gaps");
    }
    if (first <= 0 || first > Long.MAX_VALUE / 2) {
      throw RpcErrors.invalid(
          "NUMBER_OUT_OF_RANGE",
          "first_number",
          Long.toUnsignedString(first),
          "not a submission's number: first_number="
              + Long.toUnsignedString(first)
              + "; begin with 1");
    }
    if (first < to.base()) {
      throw broken(
          "NUMBER_FORGOTTEN",
          "a submission's number is no longer known: first_number="
              + first
              + " oldest_known="
              + to.base()
              + "; submit again only what has no acknowledgement",
          first);
    }
    if (acks.unsent() + run.getTasksCount() > to.window()) {
      throw broken(
          "SUBMIT_WINDOW_EXCEEDED",
          "too many submissions without an acknowledgement: count="
              + (acks.unsent() + run.getTasksCount())
              + " submit_window="
              + to.window()
              + "; wait for acknowledgements",
          run.getTasksCount());
    }
  }

  private static StatusRuntimeException broken(String reason, String message, long value) {
    return RpcErrors.of(
        Status.Code.FAILED_PRECONDITION,
        reason,
        message,
        Map.of("field", "submit", "value", Long.toString(value)));
  }

  private void accept(Session to, SubmitRun run) {
    Batch batch = to.submit(this, run, shared.intake());
    if (batch == null) {
      return;
    }
    if (wantsResults && batch.accepted() > 0) {
      expected.addAndGet(batch.accepted());
      firstAccepted = firstAccepted == 0 ? batch.firstAccepted() : firstAccepted;
    }
    AckQueue.Ack ack = acks.add(message(batch, run.getFirstNumber()), batch.size());
    shared.intake().afterPromise(batch, b -> shared.acks().add(() -> acknowledge(ack)));
    accepting = false;
    handled();
  }

  private void acknowledge(AckQueue.Ack ack) {
    acks.due(ack);
    finishIfDone();
  }

  private static SessionResponse message(Batch batch, long firstNumber) {
    SubmitAcks.Builder acks =
        SubmitAcks.newBuilder()
            .setFirstNumber(firstNumber)
            .addAllRefusals(batch.refusals())
            .setDurability(batch.durability())
            .setDuplicates(batch.duplicates())
            .addAllDuplicateTasks(batch.duplicateTasks());
    for (long id : batch.ids()) {
      acks.addTaskIds(id);
    }
    return SessionResponse.newBuilder().setAcks(acks).build();
  }

  private void await(Session by, AwaitTasks await) {
    if (await.getTaskIdsCount() > shared.awaitedMax()) {
      throw RpcErrors.invalid(
          "TOO_MANY_TASKS",
          "task_ids",
          await.getTaskIdsCount(),
          "too many tasks in one message: task_ids="
              + await.getTaskIdsCount()
              + " limit="
              + shared.awaitedMax()
              + "; send several messages");
    }
    for (int i = 0; i < await.getTaskIdsCount(); i++) {
      if (!shared.ends().deliverTo(this, by.id(), await.getTaskIds(i))) {
        throw Waits.full().toException();
      }
    }
    pump();
    handled();
  }

  // Ends.

  /** Whether the ends of the session's own submissions are wanted here. */
  boolean wantsResults() {
    return wantsResults;
  }

  /**
   * The end of a task of this session is awaited; it will be queued with the others. Under the lock
   * of the ends.
   */
  void expectOwn(long number) {
    if (firstAccepted == 0 || number < firstAccepted) {
      expected.incrementAndGet();
    }
  }

  /** The end of another task is awaited. Under the lock of the ends. */
  void expectAwaited(Ends.Awaited task) {
    expected.incrementAndGet();
    awaited.add(task);
  }

  /**
   * A task of this session has ended; to be sent by the next {@link #pump}. Under the lock of the
   * ends: short.
   */
  void queue(long taskId, long outcome, long number) {
    expected.decrementAndGet();
    results.add(taskId, outcome, number);
  }

  /** An awaited task has ended. */
  void queue(Ends.Awaited task, long outcome) {
    awaited.remove(task);
    queue(task.waiter().taskId(), outcome, task.number());
  }

  /** An awaited task is not known. */
  void queueUnknown(long taskId) {
    results.add(taskId, 0, 0);
  }

  /**
   * An awaited task has ended before; its number, if it is of this session, stands with its
   * submission.
   */
  void queueKept(long taskId, long outcome, long submission) {
    results.add(taskId, outcome, ~submission);
  }

  /**
   * Sends results while there are any and the client takes them. Any thread; one at a time does it
   * for all.
   */
  void pump() {
    if (pumping.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      while (maySendResults()) {
        sendResults();
      }
      seen = pumping.addAndGet(-seen);
    } while (seen != 0);
    if (session != null) {
      askForMore();
    }
    finishIfDone();
  }

  private boolean maySendResults() {
    int waiting = results.size();
    return waiting > 0 && (waiting < RESULTS_FEW ? room.isEmpty() : room.isFree());
  }

  private void sendResults() {
    long[] entries = new long[RESULTS_PER_MESSAGE_MAX * ResultQueue.WIDTH];
    int count = results.peek(entries);
    if (count == 0) {
      return;
    }
    TaskResults.Builder message = TaskResults.newBuilder();
    long bytes = 0;
    try (ResultReader reader = new ResultReader(shared.outcomes())) {
      for (int i = 0; i < count; i++) {
        int at = i * ResultQueue.WIDTH;
        TaskResult result = read(reader, entries[at], entries[at + 1], entries[at + 2]);
        bytes += result.getSerializedSize();
        if (bytes > RESULT_BYTES_PER_MESSAGE && i > 0) {
          break;
        }
        message.addResults(result);
      }
    }
    results.remove(message.getResultsCount());
    send(SessionResponse.newBuilder().setResults(message).build());
  }

  private TaskResult read(ResultReader reader, long taskId, long outcome, long numbered) {
    if (outcome == 0) {
      return ResultReader.unknown(
          taskId,
          numbered,
          "the task is not known (any more): it never was, or its result expired");
    }
    long number = numbered >= 0 ? numbered : numberOf(~numbered);
    TaskResult result = reader.read(outcome, number);
    return result != null
        ? result
        : ResultReader.unknown(
            taskId, number, "the result is no longer kept; raise result.keep.seconds");
  }

  /** The number in a submission record, 0 if another session submitted it. */
  private long numberOf(long submissionPosition) {
    SubmissionDecoder submission = new SubmissionDecoder();
    try (RecordReaders.Lent lent = shared.submissions().lend()) {
      RecordView view = lent.read(submissionPosition);
      boolean own = view != null && submission.wrap(view).sessionId() == session.id();
      return own ? submission.sessionNumber() : 0;
    }
  }

  // The end of the stream.

  private void send(SessionResponse message) {
    synchronized (call) {
      if (!closed) {
        room.sent(message.getSerializedSize());
        call.onNext(message);
      }
    }
  }

  /** Breaks the stream; the session stays. */
  void fail(StatusRuntimeException why) {
    synchronized (call) {
      if (closed) {
        return;
      }
      closed = true;
      call.onError(why);
    }
    ended();
  }

  private void ended() {
    results.close();
    awaited.forEach(task -> shared.ends().forget(task.waiter()));
    awaited.clear();
    Session of = session;
    if (of != null) {
      of.detach(this);
    }
  }

  /** The client submits nothing more, and still wants what it lacks. */
  @Override
  public void onCompleted() {
    halfClosed = true;
    finishIfDone();
  }

  private void finishIfDone() {
    if (!halfClosed || accepting || acks.unsent() > 0 || expected.get() > 0 || results.size() > 0) {
      return;
    }
    synchronized (call) {
      if (closed) {
        return;
      }
      closed = true;
      call.onCompleted();
    }
    ended();
  }

  @Override
  public void onError(Throwable cancelled) {
    ended();
  }
}
