package io.tidemill.rpc.security;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Bounds how many lines of each kind are written, so that a flood of refusals neither fills the
 * disk nor hides, in its count, that it took place.
 */
final class AuditRate {
  static final int BURST = 200;
  static final int PER_SECOND = 20;
  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final Map<String, Kind> kinds = new TreeMap<>();
  private Instant told;

  AuditRate(Instant now) {
    told = now;
  }

  private static final class Kind {
    private double room = BURST;
    private Instant at;
    private long suppressed;

    Kind(Instant now) {
      at = now;
    }
  }

  synchronized boolean admits(String event, Instant now) {
    Kind kind = kinds.computeIfAbsent(event, e -> new Kind(now));
    double seconds = Math.max(0, Duration.between(kind.at, now).toNanos() / 1e9);
    kind.room = Math.min(BURST, kind.room + seconds * PER_SECOND);
    kind.at = now;
    if (kind.room < 1) {
      kind.suppressed++;
      return false;
    }
    kind.room--;
    return true;
  }

  /** Tells what was suppressed since it was told last, every now and then. */
  synchronized void suppressed(Instant now, BiConsumer<String, Long> teller) {
    if (now.isBefore(told.plus(TELL_EVERY)) && !now.isBefore(told)) {
      return;
    }
    told = now;
    rest(teller);
  }

  synchronized void rest(BiConsumer<String, Long> teller) {
    kinds.forEach(
        (event, kind) -> {
          if (kind.suppressed > 0) {
            teller.accept(event, kind.suppressed);
            kind.suppressed = 0;
          }
        });
  }
}
