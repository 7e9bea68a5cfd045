package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.Refusal;
import java.util.Map;

/**
 * Why a submission was not accepted: an expected outcome, not a fault.
 *
 * @param retryAfterMillis 0: not worth trying again as it is
 */
record Refused(
    Status.Code code,
    String reason,
    String message,
    Map<String, String> metadata,
    int retryAfterMillis) {

  /** A field has a bad value. */
  static Refused invalid(String reason, String field, Object value, String message) {
    return new Refused(
        Status.Code.INVALID_ARGUMENT,
        reason,
        message,
        Map.of("field", field, "value", String.valueOf(value)),
        0);
  }

  /** There is no room now. */
  static Refused exhausted(
      String reason, String message, Map<String, String> metadata, int retryAfterMillis) {
    return new Refused(Status.Code.RESOURCE_EXHAUSTED, reason, message, metadata, retryAfterMillis);
  }

  /** To end a call of a single submission with. */
  StatusRuntimeException toException() {
    return retryAfterMillis > 0
        ? RpcErrors.exhausted(reason, message, metadata, retryAfterMillis)
        : RpcErrors.of(code, reason, message, metadata);
  }

  /** To stand among the answers to many. */
  Refusal toRefusal(long number) {
    return Refusal.newBuilder()
        .setNumber(number)
        .setReason(reason)
        .setMessage(message)
        .setCode(code.value())
        .setRetryAfterMs(retryAfterMillis)
        .build();
  }
}
