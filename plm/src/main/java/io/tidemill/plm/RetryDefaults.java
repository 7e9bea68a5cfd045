package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.journal.Terms.Backoff;
import io.tidemill.v1.RetryPolicy;
import java.util.HashMap;
import java.util.Map;

/** How long tasks wait between attempts: as they say, as is set for their type, or for all. */
final class RetryDefaults {
  private static final int HUNDREDTHS = 100;
  private static final int PARTS_MAX = 4;

  private final Backoff forAll;
  private final Map<String, Backoff> byType = new HashMap<>();

  RetryDefaults(Settings settings) {
    this.forAll =
        new Backoff(
            settings.integer(Key.TASK_RETRY_INITIAL_MS),
            settings.integer(Key.TASK_RETRY_MAX_MS),
            settings.integer(Key.TASK_RETRY_MULTIPLIER_PERCENT),
            settings.integer(Key.TASK_RETRY_JITTER_PERCENT));
    String types = settings.text(Key.TASK_RETRY_TYPES).trim();
    if (!types.isEmpty()) {
      for (String entry : types.split(",", -1)) {
        add(entry.trim());
      }
    }
  }

  private void add(String entry) {
    int equals = entry.indexOf('=');
    String type = equals < 0 ? "" : entry.substring(0, equals).trim();
    String[] parts = entry.substring(equals + 1).split(":", -1);
    if (!SpecCheck.isType(type) || parts.length > PARTS_MAX) {
      throw wrong(entry);
    }
    byType.put(
        type,
        new Backoff(
            part(entry, parts, 0, 0, Integer.MAX_VALUE, 0),
            part(entry, parts, 2, 1, Integer.MAX_VALUE, forAll.maxMillis()),
            part(entry, parts, 1, HUNDREDTHS, 10_000, forAll.hundredths()),
            part(entry, parts, 3, 0, HUNDREDTHS, forAll.jitterPercent())));
  }

  private static int part(
      String entry, String[] parts, int index, int least, int most, int otherwise) {
    if (index >= parts.length) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(parts[index].trim());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // Said below.
    }
    throw wrong(entry);
  }

  private static SettingsException wrong(String entry) {
    return new SettingsException(
        "bad setting: name="
            + Key.TASK_RETRY_TYPES.key()
            + " entry='"
            + SpecCheck.shown(entry)
            + "'; write TYPE=INITIAL_MS:MULTIPLIER_PERCENT:MAX_MS:JITTER_PERCENT, for example"
            + " mail=1000:200:60000:10");
  }

  /** What a task of this type gets that says nothing. */
  Backoff of(String type) {
    return byType.isEmpty() ? forAll : byType.getOrDefault(type, forAll);
  }

  /** What it gets that says something, which was checked. */
  Backoff of(String type, RetryPolicy asked) {
    Backoff otherwise = of(type);
    return new Backoff(
        asked.getInitialMs() == 0 ? otherwise.initialMillis() : asked.getInitialMs(),
        asked.getMaxMs() == 0 ? otherwise.maxMillis() : asked.getMaxMs(),
        asked.getMultiplier() == 0
            ? otherwise.hundredths()
            : (int) Math.round(asked.getMultiplier() * HUNDREDTHS),
        asked.hasJitter()
            ? (int) Math.round(asked.getJitter() * HUNDREDTHS)
            : otherwise.jitterPercent());
  }
}
