package io.tidemill.rpc;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.TreeMap;

/**
 * Errors as every service of ours sends them: a gRPC status whose details hold an {@link ErrorInfo}
 * of our domain with a stable reason for programs, and a sentence for people that names the field,
 * the value and what to do.
 */
public final class RpcErrors {
  public static final String DOMAIN = "tidemill.io";

  private RpcErrors() {}

  /**
   * An error to end a call with. Without a stack trace: it describes a request, not a fault of
   * ours.
   */
  public static StatusRuntimeException of(
      Status.Code code, String reason, String message, Map<String, String> metadata) {
    return StatusProto.toStatusRuntimeException(statusOf(code, reason, message, metadata).build());
  }

  private static com.google.rpc.Status.Builder statusOf(
      Status.Code code, String reason, String message, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).putAllMetadata(metadata).build();
    return com.google.rpc.Status.newBuilder()
        .setCode(code.value())
        .setMessage(message)
        .addDetails(Any.pack(info));
  }

  /** There is no room now: {@link #of} with a time after which it is worth trying again. */
  public static StatusRuntimeException exhausted(
      String reason, String message, Map<String, String> metadata, int retryAfterMillis) {
    Map<String, String> all = new TreeMap<>(metadata);
    all.put("retry_after_ms", Integer.toString(retryAfterMillis));
    com.google.rpc.Status status =
        statusOf(Status.Code.RESOURCE_EXHAUSTED, reason, message, all)
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder()
                                .setSeconds(retryAfterMillis / 1_000)
                                .setNanos(retryAfterMillis % 1_000 * 1_000_000))
                        .build()))
            .build();
    return StatusProto.toStatusRuntimeException(status);
  }

  /** {@link #of} for a field with a bad value. */
  public static StatusRuntimeException invalid(
      String reason, String field, Object value, String message) {
    return of(
        Status.Code.INVALID_ARGUMENT,
        reason,
        message,
        Map.of("field", field, "value", String.valueOf(value)));
  }

  /**
   * The reason within an error that a call ended with, or an empty string if a server of ours did
   * not send it.
   */
  public static String reason(Throwable error) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return "";
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return unpack(detail).getReason();
      }
    }
    return "";
  }

  private static ErrorInfo unpack(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      return ErrorInfo.getDefaultInstance();
    }
  }

  /**
   * Trailers of an error, empty if it has none: {@code ServerCall.close} wants them beside the
   * status.
   */
  public static Metadata trailers(StatusRuntimeException error) {
    Metadata trailers = error.getTrailers();
    return trailers == null ? new Metadata() : trailers;
  }
}
