package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.rpc.Backoff;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.FollowTaskRequest;
import io.tidemill.v1.FollowTaskResponse;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceStub;

/**
 * A task that is followed, by one stream after the other while the server is away now and then.
 * Each stream begins with what the server has kept, so what was told before is left out.
 */
public final class Follow implements AutoCloseable {
  private final TaskServiceStub tasks;
  private final Peer peer;
  private final ClientTimer timer;
  private final FollowTaskRequest request;
  private final FollowListener listener;
  private final Backoff backoff = new Backoff(50, 1_000);

  // Guarded by this.
  private Stream stream;
  private boolean closed;
  private long lease;

  /** Bytes under the lease that were told, or told as lost. */
  private long through;

  Follow(
      TaskServiceStub tasks, Peer peer, ClientTimer timer, long taskId, FollowListener listener) {
    this.tasks = tasks;
    this.peer = peer;
    this.timer = timer;
    this.request = FollowTaskRequest.newBuilder().setTaskId(taskId).build();
    this.listener = listener;
  }

  void open() {
    Stream next = new Stream();
    synchronized (this) {
      if (closed) {
        return;
      }
      stream = next;
    }
    peer.reconnect();
    tasks.withWaitForReady().followTask(request, next);
    synchronized (this) {
      if (!closed) {
        return;
      }
    }
    next.cancel(); // Closed before there was a call that could be cancelled.
  }

  private final class Stream
      implements ClientResponseObserver<FollowTaskRequest, FollowTaskResponse> {
    private volatile ClientCallStreamObserver<FollowTaskRequest> call;

    void cancel() {
      if (call != null) {
        call.cancel("not followed any more", null);
      }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FollowTaskRequest> started) {
      call = started;
    }

    @Override
    public void onNext(FollowTaskResponse message) {
      synchronized (Follow.this) {
        if (closed || stream != this) {
          return;
        }
        backoff.reset();
        closed = message.hasEnded();
      }
      switch (message.getKindCase()) {
        case CHANGED -> listener.changed(message.getChanged());
        case PART -> tell(message.getPart());
        case ENDED -> listener.ended(message.getEnded());
        case KIND_NOT_SET -> {
          // Of a later release.
        }
      }
    }

    @Override
    public void onError(Throwable error) {
      broken(this, error);
    }

    @Override
    public void onCompleted() {
      broken(this, Status.UNAVAILABLE.withDescription("the stream ended early").asException());
    }
  }

  private void tell(EmittedPart part) {
    EmittedPart left;
    synchronized (this) {
      left = whatIsNew(part);
    }
    if (left != null) {
      listener.part(left);
    }
  }

  /** Null: nothing of it is. */
  private EmittedPart whatIsNew(EmittedPart part) {
    if (part.getLease() != lease) {
      if (Long.compareUnsigned(part.getLease(), lease) < 0) {
        return null; // Told before the last break.
      }
      lease = part.getLease();
      through = 0;
    }
    long end = part.getPosition() + part.getData().size();
    long lostFrom = part.getPosition() - part.getLostBytes();
    if (end <= through) {
      return null;
    }
    int known = (int) Math.max(0, through - part.getPosition());
    long lost = Math.max(0, part.getPosition() - Math.max(lostFrom, through));
    through = end;
    return part.toBuilder()
        .setPosition(part.getPosition() + known)
        .setData(part.getData().substring(known))
        .setLostBytes(lost)
        .build();
  }

  private void broken(Stream from, Throwable error) {
    long delayMillis;
    synchronized (this) {
      if (closed || stream != from) {
        return;
      }
      boolean again =
          switch (Status.fromThrowable(error).getCode()) {
            case UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL -> true;
            case UNKNOWN -> RetryingCall.brokeWhileWritten(Status.fromThrowable(error));
            default -> false;
          };
      closed = !again;
      delayMillis = again ? backoff.nextMillis() : -1;
    }
    if (delayMillis < 0 || !timer.after(delayMillis, this::open)) {
      listener.failed(TidemillException.of(error, peer.toString()));
    }
  }

  /** Nothing more is told; the task goes on. */
  @Override
  public void close() {
    Stream last;
    synchronized (this) {
      closed = true;
      last = stream;
    }
    if (last != null) {
      last.cancel();
    }
  }
}
