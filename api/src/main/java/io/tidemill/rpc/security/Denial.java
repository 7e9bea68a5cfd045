package io.tidemill.rpc.security;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import java.util.Map;
import java.util.Set;

/**
 * Why a call is refused.
 *
 * @param reason stable, for programs
 * @param sentence for people; names what is missing, and nothing of what was shown
 * @param who for the audit log, as far as it is known
 */
record Denial(Status.Code code, String reason, String sentence, String who) {
  static final String NOBODY = "unknown";

  StatusRuntimeException toException() {
    return RpcErrors.of(code, reason, sentence, Map.of());
  }

  static Denial unauthenticated(String reason, String sentence, String who) {
    return new Denial(Status.Code.UNAUTHENTICATED, reason, sentence, who);
  }

  static Denial noRole(Caller caller, String method, Set<AccessRole> needed) {
    return new Denial(
        Status.Code.PERMISSION_DENIED,
        "ROLE_MISSING",
        "the role is missing: method="
            + method
            + " needs="
            + AccessRole.text(new java.util.TreeSet<>(needed), "|")
            + " caller="
            + caller.who()
            + " has="
            + AccessRole.text(new java.util.TreeSet<>(caller.roles()), ",")
            + "; use credentials with that role",
        caller.who());
  }

  static Denial noRule(String method) {
    return new Denial(
        Status.Code.PERMISSION_DENIED,
        "METHOD_UNKNOWN",
        "nobody may call this: method=" + method + "; is the client's version the server's?",
        NOBODY);
  }
}
