package io.tidemill.scheduler;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.HeldLease;
import java.util.List;
import java.util.Map;

/**
 * One worker's dispatch stream. The network thread hands what it hears to the inbox; the agent
 * alone sends. Assignments gather within a turn and go out together, the first of them at once when
 * the turn is over: nothing waits to fill.
 */
final class DispatchStream implements StreamObserver<DispatchRequest> {
  /** What a worker says when its stream begins. */
  record Hello(long workerKey, List<HeldLease> held, int window) {}

  private static final int BATCH_ASSIGNMENTS_MAX = 256;
  private static final int BATCH_BYTES_MAX = 1 << 20;

  private final ServerCallStreamObserver<DispatchResponse> out;
  private final Inbox inbox;
  private boolean greeted;

  // The agent's.
  private int row = -1;
  private DispatchResponse.Builder batch = DispatchResponse.newBuilder();
  private int batchBytes;

  /** The transport took more when it was last asked, and was sent nothing since. */
  private boolean ready;

  private boolean closed;

  DispatchStream(ServerCallStreamObserver<DispatchResponse> out, Inbox inbox) {
    this.out = out;
    this.inbox = inbox;
    out.setOnReadyThreshold(BATCH_BYTES_MAX);
    out.setOnReadyHandler(() -> inbox.drained(this));
    out.setOnCancelHandler(() -> inbox.closed(this, false));
  }

  @Override
  public void onNext(DispatchRequest request) {
    if (request.hasHello() == greeted) {
      out.onError(
          RpcErrors.invalid(
              "HELLO_EXPECTED",
              "hello",
              request.hasHello(),
              "the first message of a dispatch stream has `hello`, and only the first"));
      inbox.closed(this, false);
    } else if (!greeted) {
      greeted = true;
      inbox.hello(
          this,
          new Hello(
              request.getHello().getWorkerKey(),
              request.getHello().getHeldList(),
              request.getWindow()));
    } else if (request.getWindow() != 0) {
      inbox.window(this, request.getWindow());
    }
  }

  @Override
  public void onError(Throwable error) {
    inbox.closed(this, false);
  }

  @Override
  public void onCompleted() {
    inbox.closed(this, true);
  }

  /** The worker's row, once the agent knows it; -1 before. */
  int row() {
    return row;
  }

  void row(int workerRow) {
    row = workerRow;
  }

  /** Agent: whether more can be sent without piling up in this process. Asked for each task. */
  boolean isReady() {
    if (!ready) {
      ready = out.isReady();
    }
    return ready && !closed;
  }

  /** Agent: adds an assignment to what goes out next. */
  void add(Assignment.Builder assignment) {
    batch.addAssignments(assignment);
    batchBytes += assignment.getPayload().size();
    for (int i = 0; i < assignment.getParentsCount(); i++) {
      batchBytes += assignment.getParents(i).getSerializedSize();
    }
    if (batch.getAssignmentsCount() >= BATCH_ASSIGNMENTS_MAX || batchBytes >= BATCH_BYTES_MAX) {
      flush();
    }
  }

  /** Agent: adds a lease that is to be handed back unless it has started. */
  void recall(long taskId, long lease) {
    batch.addRecalls(HeldLease.newBuilder().setTaskId(taskId).setLease(lease));
  }

  /** Agent: sends what has gathered. */
  void flush() {
    if (batch.getAssignmentsCount() == 0 && batch.getRecallsCount() == 0) {
      return;
    }
    DispatchResponse message = batch.build();
    batch = DispatchResponse.newBuilder();
    batchBytes = 0;
    if (!closed) {
      send(message);
    }
  }

  private void send(DispatchResponse message) {
    ready = false;
    try {
      out.onNext(message);
    } catch (StatusRuntimeException | IllegalStateException e) {
      // The stream broke under our hands: its closing is on its way to the inbox, and takes the
      // leases back.
      closed = true;
      inbox.closed(this, false);
    }
  }

  /** Agent: ends the stream with an error of ours. */
  void refuse(StatusRuntimeException error) {
    if (!closed) {
      closed = true;
      try {
        out.onError(error);
      } catch (IllegalStateException e) {
        // It is over already.
      }
    }
  }

  /** Agent: the worker has ended its side, and so do we. */
  void complete() {
    if (!closed) {
      closed = true;
      try {
        out.onCompleted();
      } catch (IllegalStateException e) {
        // It is over already.
      }
    }
  }

  /** Agent: the worker has to register again. */
  void refuseUnknown() {
    refuse(
        RpcErrors.of(
            Status.Code.FAILED_PRECONDITION,
            "WORKER_UNKNOWN",
            "this registration is over or was never made; register again",
            Map.of()));
  }
}
