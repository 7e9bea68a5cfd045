package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.v1.AwaitTasks;
import io.tidemill.v1.Duplicate;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** One stream of a session, and all that came on it. */
final class TestSession implements ClientResponseObserver<SessionRequest, SessionResponse> {
  private final boolean reading;
  private volatile ClientCallStreamObserver<SessionRequest> requests;
  private final List<Integer> ackSizes = new CopyOnWriteArrayList<>();
  private final Map<Long, Long> ids = new ConcurrentHashMap<>();
  private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
  private final List<TaskResult> results = new ArrayList<>();
  private volatile long ackedThrough;
  private final AtomicLong duplicates = new AtomicLong();
  private final List<Duplicate> duplicateTasks = new CopyOnWriteArrayList<>();
  private volatile SessionOpened opened;
  private volatile Status ended;
  private volatile Throwable error;

  private TestSession(boolean reading) {
    this.reading = reading;
  }

  static TestSession open(TestPlm plm, long id) {
    return open(plm, OpenSession.newBuilder().setSessionId(id).build(), true);
  }

  /** Of a client that reads nothing until {@link #read}. */
  static TestSession openUnread(TestPlm plm, long id) {
    return open(plm, OpenSession.newBuilder().setSessionId(id).build(), false);
  }

  /** A stream on which nothing has been said. */
  static TestSession unopened(TestPlm plm) {
    TestSession session = new TestSession(true);
    plm.asynchronously().session(session);
    return session;
  }

  static TestSession open(TestPlm plm, OpenSession open, boolean reading) {
    TestSession session = new TestSession(reading);
    plm.asynchronously().session(session);
    session.requests.onNext(SessionRequest.newBuilder().setOpen(open).build());
    return session;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SessionRequest> stream) {
    requests = stream;
    if (!reading) {
      stream.disableAutoRequestWithInitial(1);
    }
  }

  void read(int messages) {
    requests.request(messages);
  }

  boolean isReady() {
    return requests.isReady();
  }

  void submit(long first, List<TaskSpec> specs) {
    SubmitRun run = SubmitRun.newBuilder().setFirstNumber(first).addAllTasks(specs).build();
    requests.onNext(SessionRequest.newBuilder().setSubmit(run).build());
  }

  void await(Iterable<Long> taskIds) {
    AwaitTasks await = AwaitTasks.newBuilder().addAllTaskIds(taskIds).build();
    requests.onNext(SessionRequest.newBuilder().setAwait(await).build());
  }

  void send(SessionRequest request) {
    requests.onNext(request);
  }

  void halfClose() {
    requests.onCompleted();
  }

  void cancel() {
    requests.cancel("test", null);
  }

  @Override
  public void onNext(SessionResponse response) {
    switch (response.getKindCase()) {
      case OPENED -> opened = response.getOpened();
      case ACKS -> acknowledged(response.getAcks());
      case RESULTS -> {
        synchronized (results) {
          results.addAll(response.getResults().getResultsList());
        }
      }
      case KIND_NOT_SET -> throw new IllegalStateException("an empty message came");
    }
  }

  private void acknowledged(SubmitAcks acks) {
    if (ackedThrough != 0 && acks.getFirstNumber() != ackedThrough + 1) {
      throw new IllegalStateException("acknowledgements out of order");
    }
    for (int i = 0; i < acks.getTaskIdsCount(); i++) {
      ids.put(acks.getFirstNumber() + i, acks.getTaskIds(i));
    }
    ackSizes.add(acks.getTaskIdsCount());
    refusals.addAll(acks.getRefusalsList());
    duplicates.addAndGet(acks.getDuplicates());
    duplicateTasks.addAll(acks.getDuplicateTasksList());
    ackedThrough = acks.getFirstNumber() + acks.getTaskIdsCount() - 1;
  }

  @Override
  public void onError(Throwable thrown) {
    error = thrown;
    ended = Status.fromThrowable(thrown);
  }

  @Override
  public void onCompleted() {
    ended = Status.OK;
  }

  SessionOpened opened() {
    return opened;
  }

  /** Null while the stream is open. */
  Status ended() {
    return ended;
  }

  Throwable error() {
    return error;
  }

  long ackedThrough() {
    return ackedThrough;
  }

  long duplicates() {
    return duplicates.get();
  }

  List<Duplicate> duplicateTasks() {
    return duplicateTasks;
  }

  long idOf(long number) {
    return ids.getOrDefault(number, 0L);
  }

  List<Refusal> refusals() {
    return refusals;
  }

  List<TaskResult> results() {
    synchronized (results) {
      return new ArrayList<>(results);
    }
  }

  int resultCount() {
    synchronized (results) {
      return results.size();
    }
  }
}
