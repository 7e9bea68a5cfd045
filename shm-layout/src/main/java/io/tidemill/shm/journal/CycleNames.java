package io.tidemill.shm.journal;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/**
 * How Chronicle names the file of a cycle: by the time at which it would begin if a cycle were a
 * minute long.
 */
final class CycleNames {
  static final String FORMAT = "yyyyMMdd-HHmm";
  static final int MILLIS_PER_CYCLE = 60_000;

  private static final String SUFFIX = ".cq4";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern(FORMAT).withZone(ZoneOffset.UTC);

  private CycleNames() {}

  static String fileName(int cycle) {
    return NAME.format(Instant.ofEpochMilli((long) cycle * MILLIS_PER_CYCLE)) + SUFFIX;
  }

  static boolean isCycle(Path file) {
    String name = file.getFileName().toString();
    if (!name.endsWith(SUFFIX)) {
      return false;
    }
    try {
      return cycle(file) > 0;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  static int cycle(Path file) {
    String name = file.getFileName().toString();
    LocalDateTime time =
        LocalDateTime.parse(name.substring(0, name.length() - SUFFIX.length()), NAME);
    return (int) (time.toEpochSecond(ZoneOffset.UTC) * 1_000 / MILLIS_PER_CYCLE);
  }
}
