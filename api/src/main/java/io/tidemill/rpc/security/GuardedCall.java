package io.tidemill.rpc.security;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import java.time.Instant;

/**
 * A call that can be ended from outside, by another thread, when its caller may not go on. To the
 * service that looks as if the client had cancelled, which every service bears at any time.
 */
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final Caller caller;
  private final AuditTrail.Call audited;

  /** Guarded by this: nothing is sent, and nothing closed, after it is set. */
  private boolean ended;

  private volatile boolean revoked;

  GuardedCall(ServerCall<Q, A> call, Caller caller, AuditTrail.Call audited) {
    super(call);
    this.caller = caller;
    this.audited = audited;
  }

  /** Ends the call if its caller may not go on; by the sweeping thread. */
  void endIfLapsed(Instant now, AuditTrail trail) {
    caller.lapsed(now).ifPresent(denial -> end(denial, trail));
  }

  private void end(Denial denial, AuditTrail trail) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      revoked = true;
      StatusRuntimeException error = denial.toException();
      delegate().close(error.getStatus(), RpcErrors.trailers(error));
    }
    trail.refused(denial, delegate());
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!ended) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (!ended) {
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    synchronized (this) {
      if (revoked) {
        return;
      }
      ended = true;
      super.close(status, trailers);
    }
    audited.closed(status);
  }

  @Override
  public boolean isCancelled() {
    return revoked || super.isCancelled();
  }

  @Override
  public boolean isReady() {
    return !revoked && super.isReady();
  }

  /** What comes goes to the service, until the call is ended; then it hears of a cancellation. */
  Listener<Q> listen(Listener<Q> service, OpenCalls open) {
    return new SimpleForwardingServerCallListener<>(service) {
      @Override
      public void onMessage(Q message) {
        if (!revoked) {
          audited.received(message);
          super.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        if (!revoked) {
          super.onHalfClose();
        }
      }

      @Override
      public void onReady() {
        if (!revoked) {
          super.onReady();
        }
      }

      @Override
      public void onCancel() {
        gone();
        super.onCancel();
      }

      @Override
      public void onComplete() {
        gone();
        if (revoked) {
          super.onCancel();
        } else {
          super.onComplete();
        }
      }

      private void gone() {
        open.remove(GuardedCall.this);
      }
    };
  }
}
