package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.v1.Durability;
import io.tidemill.v1.TaskSpec;

/** Looks at what a client asks for, field by field. */
final class SpecCheck {
  static final int TYPE_CHARACTERS_MAX = 128;
  static final int REQUEST_ID_CHARACTERS_MAX = 128;
  static final int ATTEMPTS_MAX = 1_000;

  private static final boolean[] TYPE_CHARACTERS = typeCharacters();
  private static final int SHOWN_CHARACTERS = 60;

  private final int payloadBytesMax;
  private final int timeoutMillis;
  private final int attemptsMax;
  private final boolean disk;

  /**
   * @param recordRoom the longest payload that the journal has room for in a record
   */
  SpecCheck(Settings settings, int recordRoom) {
    this.payloadBytesMax = Math.min(settings.integer(Key.PAYLOAD_BYTES_MAX), recordRoom);
    this.timeoutMillis = settings.integer(Key.TASK_EXECUTION_TIMEOUT_MS);
    this.attemptsMax = settings.integer(Key.TASK_ATTEMPTS_MAX);
    this.disk = settings.text(Key.DURABILITY).equals("disk");
  }

  int payloadBytesMax() {
    return payloadBytesMax;
  }

  /** Null if there is nothing wrong with it. */
  Refused check(TaskSpec spec) {
    String type = spec.getType();
    if (!isType(type)) {
      return Refused.invalid(
          "TYPE_INVALID",
          "type",
          shown(type),
          "not a task type: type='"
              + shown(type)
              + "'; use 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
    }
    if (spec.getPayload().size() > payloadBytesMax) {
      return Refused.invalid(
          "PAYLOAD_TOO_LARGE",
          "payload",
          spec.getPayload().size() + " bytes",
          "payload is too long: bytes="
              + spec.getPayload().size()
              + " limit="
              + payloadBytesMax
              + "; shorten it, or raise payload.bytes.max");
    }
    Refused wrong = checkRare(spec);
    return wrong == null ? SpecLane.check(spec) : wrong;
  }

  private Refused checkRare(TaskSpec spec) {
    String requestId = spec.getRequestId();
    if (requestId.length() > REQUEST_ID_CHARACTERS_MAX
        && requestId.codePointCount(0, requestId.length()) > REQUEST_ID_CHARACTERS_MAX) {
      return Refused.invalid(
          "REQUEST_ID_TOO_LONG",
          "request_id",
          shown(requestId),
          "request id is too long: characters="
              + requestId.codePointCount(0, requestId.length())
              + " limit="
              + REQUEST_ID_CHARACTERS_MAX
              + "; use a shorter one");
    }
    if (spec.getExecutionTimeoutMs() < 0) {
      return Refused.invalid(
          "EXECUTION_TIMEOUT_OUT_OF_RANGE",
          "execution_timeout_ms",
          Integer.toUnsignedString(spec.getExecutionTimeoutMs()),
          "execution timeout is too long: execution_timeout_ms="
              + Integer.toUnsignedString(spec.getExecutionTimeoutMs())
              + "; say 1 to 2147483647, or 0 for the server's");
    }
    if (spec.getMaxAttempts() < 0 || spec.getMaxAttempts() > ATTEMPTS_MAX) {
      return Refused.invalid(
          "MAX_ATTEMPTS_OUT_OF_RANGE",
          "max_attempts",
          Integer.toUnsignedString(spec.getMaxAttempts()),
          "too many attempts: max_attempts="
              + Integer.toUnsignedString(spec.getMaxAttempts())
              + "; say 1 to 1000, or 0 for the server's");
    }
    if (spec.getDurability() == Durability.UNRECOGNIZED) {
      return Refused.invalid(
          "DURABILITY_UNKNOWN",
          "durability",
          spec.getDurabilityValue(),
          "unknown durability: durability="
              + spec.getDurabilityValue()
              + "; say DURABILITY_PROCESS or DURABILITY_DISK");
    }
    Refused wrong = SpecUnique.check(spec);
    return wrong == null ? SpecTimes.check(spec, attempts(spec)) : wrong;
  }

  int timeoutMillis(TaskSpec spec) {
    int asked = spec.getExecutionTimeoutMs();
    return asked == 0 ? timeoutMillis : asked;
  }

  int attempts(TaskSpec spec) {
    int asked = spec.getMaxAttempts();
    return asked == 0 ? attemptsMax : asked;
  }

  boolean isDisk(TaskSpec spec) {
    int asked = spec.getDurabilityValue();
    return asked == Durability.DURABILITY_DISK_VALUE
        || (asked == Durability.DURABILITY_UNSPECIFIED_VALUE && disk);
  }

  static boolean isType(String type) {
    int length = type.length();
    if (length == 0 || length > TYPE_CHARACTERS_MAX) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = type.charAt(i);
      if (c >= TYPE_CHARACTERS.length || !TYPE_CHARACTERS[c]) {
        return false;
      }
    }
    return true;
  }

  /** What a client sent, cut so that it fits into a sentence. */
  static String shown(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }

  private static boolean[] typeCharacters() {
    boolean[] allowed = new boolean[128];
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-"
        .chars()
        .forEach(c -> allowed[c] = true);
    return allowed;
  }
}
