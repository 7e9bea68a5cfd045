package io.tidemill.plm;

import io.tidemill.rpc.Names;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;

/** What a submission says of its unique key. */
final class SpecUnique {
  private SpecUnique() {}

  /** Null if there is nothing wrong with it. */
  static Refused check(TaskSpec spec) {
    String key = spec.getUniqueKey();
    if (key.isEmpty()) {
      return checkWithout(spec);
    }
    if (!Names.isKey(key)) {
      return Refused.invalid(
          "UNIQUE_KEY_INVALID",
          "unique_key",
          SpecCheck.shown(key),
          "bad unique_key: value='"
              + SpecCheck.shown(key)
              + "'; a unique key "
              + Names.KEY_RULE
              + ", so hash what is longer");
    }
    if (spec.getUniqueUntil() == UniqueUntil.UNRECOGNIZED) {
      return Refused.invalid(
          "UNIQUE_UNTIL_UNKNOWN",
          "unique_until",
          spec.getUniqueUntilValue(),
          "no such value: unique_until="
              + spec.getUniqueUntilValue()
              + "; say UNIQUE_UNTIL_START or UNIQUE_UNTIL_END");
    }
    return checkTime(spec);
  }

  private static Refused checkTime(TaskSpec spec) {
    long millis = spec.getUniqueForMs();
    if (millis != 0 && spec.getUniqueUntil() == UniqueUntil.UNIQUE_UNTIL_START) {
      return Refused.invalid(
          "UNIQUE_FOR_UNTIL_START",
          "unique_for_ms",
          Long.toUnsignedString(millis),
          "a unique key that is given up at the start is not held after the end: unique_for_ms="
              + Long.toUnsignedString(millis)
              + " unique_until=UNIQUE_UNTIL_START; say one of them");
    }
    return Long.compareUnsigned(millis, SpecTimes.TIME_MILLIS_MAX) <= 0
        ? null
        : Refused.invalid(
            "TIME_OUT_OF_RANGE",
            "unique_for_ms",
            Long.toUnsignedString(millis),
            "time is too long: unique_for_ms="
                + Long.toUnsignedString(millis)
                + "; say at most "
                + SpecTimes.TIME_MILLIS_MAX
                + " (10 years)");
  }

  private static Refused checkWithout(TaskSpec spec) {
    boolean hasTime = spec.getUniqueForMs() != 0;
    if (!hasTime && spec.getUniqueUntilValue() == 0) {
      return null;
    }
    String field = hasTime ? "unique_for_ms" : "unique_until";
    String value =
        hasTime
            ? Long.toUnsignedString(spec.getUniqueForMs())
            : String.valueOf(spec.getUniqueUntilValue());
    return Refused.invalid(
        "UNIQUE_KEY_MISSING",
        field,
        value,
        "how long a unique key is held, and no key: " + field + "=" + value + "; say unique_key");
  }

  /** Of a submission that has been checked. */
  static void addTo(StoredExtra.Builder extra, TaskSpec spec) {
    if (!spec.getUniqueKey().isEmpty()) {
      boolean start = spec.getUniqueUntil() == UniqueUntil.UNIQUE_UNTIL_START;
      extra
          .setUniqueKey(spec.getUniqueKey())
          .setUniqueUntil(start ? UniqueUntil.UNIQUE_UNTIL_START : UniqueUntil.UNIQUE_UNTIL_END)
          .setUniqueForMs(spec.getUniqueForMs());
    }
  }
}
