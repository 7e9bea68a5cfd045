package io.tidemill.plm;

import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import java.time.Instant;

/** How reasons are put. */
final class Reasons {
  private static final double MILLIS_PER_SECOND = 1_000;

  private Reasons() {}

  static Reason.Builder of(ReasonKind kind, String text) {
    return Reason.newBuilder().setKind(kind).setText(text);
  }

  /** A moment of the wall clock, and how far that is. */
  static String at(long wallMillis, long nowMillis) {
    return Instant.ofEpochMilli(wallMillis)
        + (wallMillis >= nowMillis
            ? " (in " + seconds(wallMillis - nowMillis) + ")"
            : " (" + seconds(nowMillis - wallMillis) + " ago)");
  }

  static String seconds(long millis) {
    return millis / MILLIS_PER_SECOND + " s";
  }

  static String tasks(long count) {
    return count == 1 ? "1 task" : count + " tasks";
  }
}
