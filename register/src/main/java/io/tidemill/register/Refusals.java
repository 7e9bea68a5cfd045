package io.tidemill.register;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import java.util.Map;

/** The errors that calls of the Register end with, each with its reason. */
final class Refusals {
  private static final int SHOWN_MAX = 100;

  private Refusals() {}

  static StatusRuntimeException invalid(String reason, String field, Object value, String rest) {
    String shown = shown(String.valueOf(value));
    return RpcErrors.invalid(reason, field, shown, field + " " + rest + ": value=" + shown);
  }

  static StatusRuntimeException workerUnknown(String field, String value) {
    String shown = shown(value);
    return RpcErrors.of(
        Status.Code.NOT_FOUND,
        "WORKER_UNKNOWN",
        "no such worker is registered: " + field + "=" + shown + "; see `worker list`",
        Map.of("field", field, "value", shown));
  }

  static StatusRuntimeException registrationOver(long workerKey) {
    String shown = Long.toHexString(workerKey);
    return RpcErrors.of(
        Status.Code.FAILED_PRECONDITION,
        "WORKER_UNKNOWN",
        "this registration is over, or never was: worker_key="
            + shown
            + "; register again and keep the results",
        Map.of("field", "worker_key", "value", shown));
  }

  static StatusRuntimeException workerAlive(String workerId) {
    return RpcErrors.of(
        Status.Code.ALREADY_EXISTS,
        "WORKER_ALIVE",
        "a live worker answers under this id: worker_id="
            + workerId
            + "; stop it, or register under another id",
        Map.of("field", "worker_id", "value", workerId));
  }

  static StatusRuntimeException workersFull(int rows) {
    return RpcErrors.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "WORKERS_FULL",
        "no room for another worker: workers.max=" + rows + "; stop one, or set workers.max higher",
        Map.of("limit", Integer.toString(rows)));
  }

  static StatusRuntimeException restarting() {
    return RpcErrors.of(
        Status.Code.UNAVAILABLE, "RESTARTING", "the register stops; connect again", Map.of());
  }

  /** A stranger's text, short and without what a terminal would act on. */
  static String shown(String text) {
    String cut = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
