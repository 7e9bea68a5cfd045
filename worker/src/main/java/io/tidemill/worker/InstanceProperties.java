package io.tidemill.worker;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Finds the Register of the instance in a data folder, through the effective settings that
 * start-all wrote there.
 */
final class InstanceProperties {
  static final String FILE = "tidemill.properties";

  private InstanceProperties() {}

  /**
   * @throws IllegalArgumentException with a sentence, if the folder does not tell
   */
  static String registerAddress(Path data) {
    Path file = data.resolve(FILE);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the instance's settings cannot be read: file="
              + file
              + " cause="
              + e
              + "; start the instance first, or give --register host:port");
    }
    String port = properties.getProperty("port.register", "").strip();
    if (port.isEmpty()) {
      throw new IllegalArgumentException(
          "the instance's settings lack a key: file="
              + file
              + " key=port.register; give --register host:port");
    }
    String host = properties.getProperty("bind.host", "127.0.0.1").strip();
    boolean anyAddress = host.isEmpty() || host.equals("0.0.0.0");
    return (anyAddress ? "127.0.0.1" : host) + ":" + port;
  }
}
