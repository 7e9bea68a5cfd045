package io.tidemill.rpc.security;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import java.time.Clock;
import java.time.Instant;

/**
 * Stands before every service of a listener: finds out who calls, asks the one table whether they
 * may, and lets in or refuses. Looks at a call once, at its beginning; calls that last are looked
 * at again by {@link OpenCalls}.
 */
final class Gate implements ServerInterceptor {
  @FunctionalInterface
  interface Identification {
    Caller identify(io.grpc.Attributes connection, Metadata headers, Instant now)
        throws Credentials.Refused;
  }

  private final Identification identification;
  private final AuditTrail trail;
  private final OpenCalls open;
  private final Clock clock;

  Gate(Identification identification, AuditTrail trail, OpenCalls open, Clock clock) {
    this.identification = identification;
    this.trail = trail;
    this.open = open;
    this.clock = clock;
  }

  @Override
  public <Q, A> Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    CallRules.Rule rule = CallRules.of(method);
    if (rule == null) {
      return refuse(call, Denial.noRule(method));
    }
    if (rule.open()) {
      return next.startCall(call, headers);
    }
    Caller caller;
    try {
      caller = identification.identify(call.getAttributes(), headers, clock.instant());
    } catch (Credentials.Refused refused) {
      return refuse(call, refused.denial());
    }
    if (!caller.has(rule.roles())) {
      return refuse(call, Denial.noRole(caller, method, rule.roles()));
    }
    AuditTrail.Call audited = trail.call(rule.audited(), caller, call);
    GuardedCall<Q, A> guarded = new GuardedCall<>(call, caller, audited);
    open.add(guarded);
    try {
      return guarded.listen(next.startCall(guarded, headers), open);
    } catch (RuntimeException failed) {
      open.remove(guarded);
      throw failed;
    }
  }

  private <Q, A> Listener<Q> refuse(ServerCall<Q, A> call, Denial denial) {
    trail.refused(denial, call);
    StatusRuntimeException error = denial.toException();
    call.close(error.getStatus(), RpcErrors.trailers(error));
    return new Listener<>() {};
  }
}
