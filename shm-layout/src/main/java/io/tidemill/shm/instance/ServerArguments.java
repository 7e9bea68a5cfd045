package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.config.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What every server takes on its command line: {@code --data DIR} and any number of {@code --set
 * key=value}.
 */
public record ServerArguments(Path data, Settings settings) {
  /** Wrong words on the command line, or a wrong setting. */
  public static final int EXIT_USAGE = 2;

  /**
   * @throws SettingsException with a sentence for the user
   */
  public static ServerArguments parse(String[] arguments) throws IOException {
    Map<String, String> overrides = new HashMap<>();
    Path data = defaultData();
    for (int i = 0; i < arguments.length; i += 2) {
      String value = i + 1 < arguments.length ? arguments[i + 1] : null;
      switch (arguments[i]) {
        case "--data" -> data = Path.of(need("--data", "a folder", value));
        case "--set" -> set(overrides, need("--set", "key=value", value));
        default ->
            throw new SettingsException(
                "unknown argument: '"
                    + arguments[i]
                    + "'; known are --data DIR and --set key=value");
      }
    }
    return new ServerArguments(data, Settings.load(overrides, System.getenv(), data));
  }

  /** $TIDEMILL_DATA, else .tidemill in the home folder. */
  public static Path defaultData() {
    String set = System.getenv("TIDEMILL_DATA");
    return set == null || set.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".tidemill")
        : Path.of(set);
  }

  private static String need(String option, String what, String value) {
    if (value == null) {
      throw new SettingsException(option + " wants " + what);
    }
    return value;
  }

  private static void set(Map<String, String> overrides, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new SettingsException("--set wants key=value: got '" + assignment + "'");
    }
    overrides.put(assignment.substring(0, equals), assignment.substring(equals + 1));
  }
}
