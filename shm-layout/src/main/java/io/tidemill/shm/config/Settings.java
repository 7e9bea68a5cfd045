package io.tidemill.shm.config;

import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The effective settings of an instance: what was given on the command line, else the environment,
 * else the instance's tidemill.properties, else the default. Checked once, here.
 */
public final class Settings {
  public static final String FILE_NAME = "tidemill.properties";

  private static final int OTHERS_MAY_WRITE = 022;

  private final Map<Key, String> values;

  private Settings(Map<Key, String> values) {
    this.values = values;
  }

  /**
   * @param overrides from the command line, by key
   * @param environment of the process
   * @param dataDir whose tidemill.properties is read if it is there
   */
  public static Settings load(
      Map<String, String> overrides, Map<String, String> environment, Path dataDir)
      throws IOException {
    Properties file = read(dataDir.resolve(FILE_NAME));
    refuseUnknown(overrides.keySet(), "--set");
    refuseUnknown(file.stringPropertyNames(), dataDir.resolve(FILE_NAME).toString());
    Map<Key, String> values = new EnumMap<>(Key.class);
    for (Key key : Key.values()) {
      String value =
          first(
              overrides.get(key.key()),
              environment.get(key.environment()),
              file.getProperty(key.key()),
              key.defaultValue());
      key.check(value);
      values.put(key, value);
    }
    ListenRules.check(values);
    OrderRules.check(values);
    return new Settings(values);
  }

  public String text(Key key) {
    return values.get(key);
  }

  public long number(Key key) {
    return Long.parseLong(values.get(key));
  }

  /** All of them, as they stand in tidemill.properties. */
  public Map<String, String> byName() {
    Map<String, String> all = new TreeMap<>();
    values.forEach((key, value) -> all.put(key.key(), value));
    return all;
  }

  public int integer(Key key) {
    return Math.toIntExact(number(key));
  }

  /**
   * As tidemill.properties holds them: what differs from the default, and the addresses in any
   * case.
   */
  public List<String> lines() {
    return Arrays.stream(Key.values())
        .filter(
            key ->
                !text(key).equals(key.defaultValue())
                    || key == Key.BIND_HOST
                    || key.key().startsWith("port."))
        .map(key -> key.key() + "=" + escaped(text(key)))
        .toList();
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    if (Files.exists(file)) {
      checkTrusted(file);
      try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (CharacterCodingException | IllegalArgumentException e) {
        throw new SettingsException(
            "the settings cannot be read: file="
                + file
                + " cause=\""
                + e.getMessage()
                + "\"; write it in UTF-8, and a backslash as two");
      }
    }
    return properties;
  }

  /** As {@link Properties#load} gives it back. */
  private static String escaped(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean plain = c != '\\' && !Character.isISOControl(c) && !Character.isSurrogate(c);
      if (plain && (c != ' ' || i > 0)) {
        text.append(c);
      } else {
        text.append(String.format("\\u%04x", (int) c));
      }
    }
    return text.toString();
  }

  /** It may be a link, as tools that hand out settings lay them; nobody else may write to it. */
  private static void checkTrusted(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new SettingsException("the settings are no plain file: path=" + file + "; remove it");
    }
    int owner = (Integer) Files.getAttribute(file, "unix:uid");
    int mode = (Integer) Files.getAttribute(file, "unix:mode");
    if ((owner != Host.uid() && owner != 0) || (mode & OTHERS_MAY_WRITE) != 0) {
      throw new SettingsException(
          "others may write the settings: path="
              + file
              + " owner="
              + owner
              + " mode="
              + Integer.toOctalString(mode & 0777)
              + "; run chown and chmod 600 on it");
    }
  }

  private static void refuseUnknown(Iterable<String> names, String where) {
    TreeSet<String> known =
        Arrays.stream(Key.values()).map(Key::key).collect(Collectors.toCollection(TreeSet::new));
    for (String name : names) {
      if (!known.contains(name)) {
        throw new SettingsException(
            "unknown setting: name=" + name + " in=" + where + "; the known ones are " + known);
      }
    }
  }

  private static String first(String... candidates) {
    return Arrays.stream(candidates).filter(c -> c != null).findFirst().orElseThrow();
  }
}
