package io.tidemill.rpc.security;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One event as one line of JSON: what comes from outside is escaped, and cut at a bound. */
final class AuditLine {
  private static final int TEXT_MAX = 300;

  private final StringBuilder json = new StringBuilder(200);

  AuditLine(Instant time, String event) {
    json.append('{');
    put("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
    put("event", event);
  }

  AuditLine put(String name, String value) {
    name(name);
    json.append('"');
    value.codePoints().limit(TEXT_MAX).forEach(this::append);
    json.append('"');
    return this;
  }

  AuditLine put(String name, long value) {
    name(name);
    json.append(value);
    return this;
  }

  private void name(String name) {
    if (json.length() > 1) {
      json.append(',');
    }
    json.append('"').append(name).append("\":");
  }

  /** ASCII alone: no line break, no control sequence and no look-alike letter gets into the log. */
  private void append(int character) {
    if (character == '"' || character == '\\') {
      json.append('\\').append((char) character);
    } else if (character >= 0x20 && character < 0x7f) {
      json.append((char) character);
    } else {
      for (char unit : Character.toChars(character)) {
        json.append(String.format("\\u%04x", (int) unit));
      }
    }
  }

  @Override
  public String toString() {
    return json + "}\n";
  }
}
