package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.ServerArguments;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a start was asked for.
 *
 * @param settings as the command line gave them, by key
 * @param answer the descriptor on which the caller waits; empty if it waits for this process's end
 */
record StartOptions(
    Path data,
    Optional<Integer> workers,
    Optional<Integer> capacity,
    Map<String, String> settings,
    Optional<Integer> answer) {
  private static final int WORKERS_MAX = 1_024;
  private static final int CAPACITY_MAX = 10_000;
  private static final int DESCRIPTOR_LEAST = 3;
  private static final int DESCRIPTOR_MOST = 9;
  private static final int PORT_BASE_LEAST = 1;
  private static final int PORT_BASE_MOST = 65_533;

  /**
   * @throws SettingsException with a sentence for the user
   */
  static StartOptions parse(String[] arguments) {
    Words words =
        Words.parse(
            arguments,
            List.of(
                "--data",
                "--workers",
                "--capacity",
                "--port-base",
                "--durability",
                "--set",
                "--answer"));
    return new StartOptions(
        words.text("--data").map(Path::of).orElseGet(ServerArguments::defaultData),
        words.number("--workers", 0, WORKERS_MAX),
        words.number("--capacity", 1, CAPACITY_MAX),
        settings(words),
        words.number("--answer", DESCRIPTOR_LEAST, DESCRIPTOR_MOST));
  }

  private static Map<String, String> settings(Words words) {
    Map<String, String> settings = new HashMap<>();
    words
        .number("--port-base", PORT_BASE_LEAST, PORT_BASE_MOST)
        .ifPresent(
            base -> {
              settings.put(Key.PORT_PLM.key(), Integer.toString(base));
              settings.put(Key.PORT_SCHEDULER.key(), Integer.toString(base + 1));
              settings.put(Key.PORT_REGISTER.key(), Integer.toString(base + 2));
            });
    words.text("--durability").ifPresent(level -> settings.put(Key.DURABILITY.key(), level));
    for (String assignment : words.all("--set")) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new SettingsException("--set wants key=value: got '" + assignment + "'");
      }
      settings.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
    return settings;
  }
}
