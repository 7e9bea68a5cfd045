package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskResults;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sessions of a {@link FakePlm}, under its lock: what was submitted under which number outlives
 * the streams, which break where a test wants it.
 */
final class FakeSessions {
  private static final long NEVER = Long.MAX_VALUE;

  private final FakePlm plm;
  private final Map<Long, List<Long>> numbered = new HashMap<>();
  private final List<SessionEnd> streams = new ArrayList<>();
  boolean resultsFirst;
  boolean resultsTwice;
  int submitWindow = 16_384;
  int payloadBytesMax = 1024 * 1024;
  long acceptedUntilBreak = NEVER;
  long acksUntilBreak = NEVER;
  long resultsUntilBreak = NEVER;
  long breakEvery = NEVER;

  FakeSessions(FakePlm plm) {
    this.plm = plm;
  }

  StreamObserver<SessionRequest> open(StreamObserver<SessionResponse> responses) {
    return new SessionEnd(responses);
  }

  /** That a task has ended, to whoever waits for it. */
  void tell(long taskId) {
    List.copyOf(streams).forEach(stream -> stream.tell(taskId));
  }

  /** Their connections were cut. */
  void forgetStreams() {
    streams.clear();
  }

  private static SessionResponse acks(SubmitAcks.Builder acks) {
    return SessionResponse.newBuilder().setAcks(acks).build();
  }

  /** The server's end of one stream. */
  private final class SessionEnd implements StreamObserver<SessionRequest> {
    private final StreamObserver<SessionResponse> responses;
    private final Map<Long, Long> awaited = new HashMap<>();
    private List<Long> idsByNumber;
    private boolean noResults;
    private boolean over;

    SessionEnd(StreamObserver<SessionResponse> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(SessionRequest request) {
      synchronized (plm) {
        if (over) {
          return;
        }
        switch (request.getKindCase()) {
          case OPEN -> open(request.getOpen());
          case SUBMIT -> submit(request.getSubmit());
          case AWAIT -> request.getAwait().getTaskIdsList().forEach(this::await);
          case KIND_NOT_SET -> fail(Status.INVALID_ARGUMENT);
        }
      }
    }

    private void open(OpenSession open) {
      plm.opens.incrementAndGet();
      boolean resumed = numbered.containsKey(open.getSessionId());
      idsByNumber = numbered.computeIfAbsent(open.getSessionId(), id -> new ArrayList<>());
      noResults = open.getNoResults();
      streams.add(this);
      responses.onNext(
          SessionResponse.newBuilder()
              .setOpened(
                  SessionOpened.newBuilder()
                      .setSubmitWindow(submitWindow)
                      .setPayloadBytesMax(payloadBytesMax)
                      .setResumed(resumed))
              .build());
    }

    private void submit(SubmitRun run) {
      plm.runs.incrementAndGet();
      if (run.getTasksCount() > submitWindow || run.getFirstNumber() > idsByNumber.size() + 1) {
        fail(Status.INVALID_ARGUMENT.withDescription("gap or overrun"));
        return;
      }
      SubmitAcks.Builder acks = SubmitAcks.newBuilder().setFirstNumber(run.getFirstNumber());
      for (int i = 0; i < run.getTasksCount() && !over; i++) {
        accept(run.getFirstNumber() + i, run.getTasks(i), acks);
      }
      if (over) {
        return;
      }
      if (resultsFirst) {
        acks.getTaskIdsList().forEach(plm::runIfAtOnce);
      }
      acknowledge(acks);
      acks.getTaskIdsList().forEach(plm::runIfAtOnce);
    }

    private void accept(long number, TaskSpec spec, SubmitAcks.Builder acks) {
      if (number <= idsByNumber.size()) { // of one that was refused the reason is forgotten
        acks.addTaskIds(idsByNumber.get((int) number - 1));
        acks.setDuplicates(acks.getDuplicates() + 1);
        return;
      }
      Refusal.Builder refused = plm.refusal(spec);
      int before = plm.acceptedCount();
      long id = refused == null ? plm.accept(spec) : 0;
      idsByNumber.add(id);
      acks.addTaskIds(id);
      if (refused != null) {
        acks.addRefusals(refused.setNumber(number));
        return;
      }
      if (plm.acceptedCount() == before) {
        acks.setDuplicates(acks.getDuplicates() + 1)
            .addDuplicateTasks(FakePlm.duplicate(number, id));
      }
      if (!noResults) {
        awaited.put(id, number);
      }
      if (--acceptedUntilBreak == 0) {
        acceptedUntilBreak = breakEvery;
        fail(Status.UNAVAILABLE.withDescription("accepted, not acknowledged"));
      }
    }

    private void acknowledge(SubmitAcks.Builder acks) {
      if (over) {
        return;
      }
      if (acks.getTaskIdsCount() < acksUntilBreak) {
        acksUntilBreak -= acks.getTaskIdsCount();
        responses.onNext(acks(acks));
        return;
      }
      SubmitAcks.Builder first = SubmitAcks.newBuilder().setFirstNumber(acks.getFirstNumber());
      for (int i = 0; i < acksUntilBreak; i++) {
        first.addTaskIds(acks.getTaskIds(i));
      }
      acksUntilBreak = breakEvery;
      responses.onNext(acks(first));
      fail(Status.UNAVAILABLE.withDescription("enough acknowledgements"));
    }

    private void await(long taskId) {
      if (over) {
        return;
      }
      Task.Builder task = plm.task(taskId);
      if (task == null) {
        send(
            TaskResult.newBuilder()
                .setTaskId(taskId)
                .setError("not known (any more): task=" + TaskIds.format(taskId)));
        return;
      }
      awaited.put(taskId, 0L);
      if (TaskStates.isEnd(task.getState())) {
        tell(taskId);
      }
    }

    void tell(long taskId) {
      Long number = awaited.remove(taskId);
      if (number == null || over) {
        return;
      }
      Task.Builder task = plm.task(taskId);
      TaskResult.Builder result =
          TaskResult.newBuilder()
              .setTaskId(taskId)
              .setState(task.getState())
              .setResult(task.getResult())
              .setError(task.getError())
              .setWorkerId(task.getWorkerId())
              .setNumber(number);
      send(result);
      if (resultsTwice && !over) {
        send(result);
      }
    }

    private void send(TaskResult.Builder result) {
      responses.onNext(
          SessionResponse.newBuilder()
              .setResults(TaskResults.newBuilder().addResults(result))
              .build());
      if (--resultsUntilBreak == 0) {
        resultsUntilBreak = breakEvery;
        fail(Status.UNAVAILABLE.withDescription("enough results"));
      }
    }

    private void fail(Status status) {
      plm.breaks.incrementAndGet();
      over = true;
      streams.remove(this);
      responses.onError(status.asRuntimeException());
    }

    @Override
    public void onError(Throwable error) {
      synchronized (plm) {
        over = true;
        streams.remove(this);
      }
    }

    @Override
    public void onCompleted() {
      synchronized (plm) {
        if (!over) {
          over = true;
          streams.remove(this);
          responses.onCompleted();
        }
      }
    }
  }
}
