package io.tidemill.rpc;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts a server's calls, and what they have answered that was not taken yet. */
final class CallGuard implements ServerInterceptor {
  private static final int RETRY_AFTER_MILLIS = 500;

  private final int callsMax;
  private final AtomicInteger calls = new AtomicInteger();

  CallGuard(ConnectionLimits limits) {
    this.callsMax = limits.calls();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    IncomingCall incoming = IncomingCall.current();
    if (incoming != null && !incoming.connection().takesResponses()) {
      return refuse(call, untaken());
    }
    if (calls.incrementAndGet() > callsMax && !isHealth(call)) {
      calls.decrementAndGet();
      return refuse(call, full());
    }
    if (incoming != null) {
      incoming.call(call);
    }
    Answering<Q, A> answering = new Answering<>(call, incoming);
    Counted<Q> counted = new Counted<>(answering, calls);
    try {
      counted.delegate = next.startCall(answering, headers);
    } catch (RuntimeException | Error broken) {
      counted.over();
      throw broken;
    }
    return counted;
  }

  private static <Q> ServerCall.Listener<Q> refuse(
      ServerCall<Q, ?> call, StatusRuntimeException error) {
    call.close(error.getStatus(), RpcErrors.trailers(error));
    return new ServerCall.Listener<>() {};
  }

  private static StatusRuntimeException untaken() {
    return RpcErrors.exhausted(
        "ANSWERS_NOT_TAKEN",
        "the connection has too many answers that it did not take; take them, then ask again",
        Map.of(),
        RETRY_AFTER_MILLIS);
  }

  /** Who supervises us has to get through. */
  private static boolean isHealth(ServerCall<?, ?> call) {
    return HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
  }

  private StatusRuntimeException full() {
    return RpcErrors.exhausted(
        "CALLS_FULL",
        "too many calls are under way: calls.max=" + callsMax + "; try again in a moment",
        Map.of("limit", Integer.toString(callsMax)),
        RETRY_AFTER_MILLIS);
  }

  /** A call whose answers are counted until its client takes them. */
  private static final class Answering<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final IncomingCall incoming;
    private final AtomicLong untaken = new AtomicLong();

    /** There was no memory for an answer, and gRPC has closed it. */
    private volatile boolean broken;

    /** Nothing that is answered from now on is sent. */
    private volatile boolean over;

    /**
     * @param incoming null: not known
     */
    Answering(ServerCall<Q, A> call, IncomingCall incoming) {
      super(call);
      this.incoming = incoming;
      setOnReadyThreshold(1); // Ready: all has been taken.
    }

    boolean isRefused() {
      return broken || (incoming != null && incoming.isRefused());
    }

    @Override
    public void sendMessage(A message) {
      if (incoming != null && message instanceof MessageLite answer) {
        if (isReady()) {
          taken();
        }
        int bytes = SendBuffer.bytes(answer.getSerializedSize());
        untaken.addAndGet(bytes);
        incoming.connection().takeResponse(bytes);
        if (over) {
          // Its client has given it up, perhaps just now: nobody else would give this back.
          taken();
        }
      }
      try {
        unlessRefused(() -> super.sendMessage(message));
      } catch (OutOfMemoryError noBuffer) {
        cut();
      }
    }

    /**
     * Buffers lie outside the heap: that there is no room for this one is no reason for the process
     * to end, as it would with whoever answers.
     */
    private void cut() {
      broken = true;
      if (incoming != null) {
        incoming.connection().cut("there is no memory to answer it");
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      unlessRefused(() -> super.close(status, trailers));
    }

    /** A call of ours that was refused is closed, which whoever answers may not know yet. */
    private void unlessRefused(Runnable answer) {
      try {
        answer.run();
      } catch (IllegalStateException closed) {
        if (!isRefused()) {
          throw closed;
        }
      }
    }

    /** The call has ended, perhaps before it was answered. */
    void over() {
      over = true;
      taken();
    }

    /** All has been taken, or nothing will be. */
    void taken() {
      long bytes = untaken.getAndSet(0);
      if (bytes > 0) {
        incoming.connection().giveResponse(bytes);
      }
    }
  }

  private static final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Answering<Q, ?> answering;
    private final AtomicInteger calls;
    private final AtomicBoolean over = new AtomicBoolean();
    private ServerCall.Listener<Q> delegate;

    Counted(Answering<Q, ?> answering, AtomicInteger calls) {
      super(new ServerCall.Listener<>() {});
      this.answering = answering;
      this.calls = calls;
    }

    @Override
    protected ServerCall.Listener<Q> delegate() {
      return delegate;
    }

    @Override
    public void onMessage(Q message) {
      if (!answering.isRefused()) {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!answering.isRefused()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      answering.taken();
      super.onReady();
    }

    @Override
    public void onComplete() {
      over();
      if (answering.isRefused()) {
        super.onCancel(); // Its handler did not end it.
      } else {
        super.onComplete();
      }
    }

    @Override
    public void onCancel() {
      over();
      super.onCancel();
    }

    void over() {
      if (over.compareAndSet(false, true)) {
        calls.decrementAndGet();
        answering.over();
      }
    }
  }
}
