package io.tidemill.shm.config;

import io.tidemill.shm.inspect.FuzzFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Any bytes as tidemill.properties: refused with a sentence, or settings that are all within their
 * ranges and the same when they are written and read again.
 */
public final class SettingsFuzz {
  private static final Path FOLDER = FuzzFolder.make("settings-fuzz");

  private SettingsFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Files.write(FOLDER.resolve(Settings.FILE_NAME), input);
    Settings settings;
    try {
      settings = load();
    } catch (SettingsException refused) {
      return;
    }
    for (Key key : Key.values()) {
      if (key.isNumber()) {
        long value = settings.number(key);
        require(value >= key.least() && value <= key.most(), "out of range: " + key.key());
      }
    }
    Files.write(FOLDER.resolve(Settings.FILE_NAME), settings.lines());
    Settings again = load();
    for (Key key : Key.values()) {
      require(settings.text(key).equals(again.text(key)), "another value: " + key.key());
    }
  }

  private static Settings load() throws IOException {
    return Settings.load(Map.of(), Map.of(), FOLDER);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
