package io.tidemill.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/**
 * How a call ended that did not succeed: the gRPC code, the server's stable reason and its sentence
 * for people.
 */
public final class TidemillException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final int CAUSES_MAX = 10;

  private final Status.Code code;
  private final String reason;
  private final transient Map<String, String> details;

  public TidemillException(Status.Code code, String reason, String message) {
    this(code, reason, message, Map.of(), null);
  }

  private TidemillException(
      Status.Code code,
      String reason,
      String message,
      Map<String, String> details,
      Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /**
   * @param peer what was called, as {@code the PLM: address=host:port}; stands in the sentence if
   *     it was not reached
   */
  static TidemillException of(Throwable error, String peer) {
    if (error instanceof TidemillException known) {
      return known;
    }
    Status status = Status.fromThrowable(error);
    ErrorInfo info = errorInfo(error);
    return new TidemillException(
        status.getCode(), info.getReason(), sentence(status, peer), info.getMetadataMap(), error);
  }

  private static String sentence(Status status, String peer) {
    String description = status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE -> "cannot reach " + peer + cause(status) + "; is it running?";
      case DEADLINE_EXCEEDED -> "no answer in time from " + peer + "; is it running?";
      default -> description == null || description.isEmpty() ? status.toString() : description;
    };
  }

  private static String cause(Status status) {
    StringBuilder text = new StringBuilder();
    if (status.getDescription() != null) {
      text.append(' ').append(status.getDescription());
    }
    Throwable first = deepest(status.getCause());
    if (first != null && first.getMessage() != null) {
      text.append(": ").append(first.getMessage());
    }
    return text.isEmpty() ? "" : " (" + text.toString().strip() + ")";
  }

  /** Of a failed handshake only the last of several says what was wrong. */
  private static Throwable deepest(Throwable error) {
    Throwable cause = error;
    for (int i = 0; i < CAUSES_MAX && cause != null && cause.getCause() != null; i++) {
      cause = cause.getCause();
    }
    return cause;
  }

  static ErrorInfo errorInfo(Throwable error) {
    return detail(error, ErrorInfo.class, ErrorInfo.getDefaultInstance());
  }

  /** The first detail of a kind that an error carries, or the given one. */
  static <T extends com.google.protobuf.Message> T detail(
      Throwable error, Class<T> kind, T otherwise) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      return otherwise;
    }
    for (Any any : status.getDetailsList()) {
      if (any.is(kind)) {
        return unpacked(any, kind, otherwise);
      }
    }
    return otherwise;
  }

  private static <T extends com.google.protobuf.Message> T unpacked(
      Any any, Class<T> kind, T otherwise) {
    try {
      return any.unpack(kind);
    } catch (InvalidProtocolBufferException e) {
      return otherwise; // a detail that is not what it says tells nothing
    }
  }

  public Status.Code code() {
    return code;
  }

  /**
   * Stable, for programs, as {@code TASK_UNKNOWN}; empty if a server of ours did not send the
   * error.
   */
  public String reason() {
    return reason;
  }

  /** The server's metadata of the error: the field, the value, the limit. */
  public Map<String, String> details() {
    return details == null ? Map.of() : details;
  }
}
