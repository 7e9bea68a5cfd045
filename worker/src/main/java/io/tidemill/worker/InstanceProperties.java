package io.tidemill.worker;

import io.tidemill.rpc.security.InstanceFolder;
import java.io.IOException;
import java.nio.file.Path;

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
  static InstanceFolder read(Path data) {
    try {
      return InstanceFolder.read(data);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the instance's settings cannot be read: file="
              + data.resolve(FILE)
              + " cause="
              + e
              + "; start the instance first, or give --register host:port");
    }
  }

  /**
   * @throws IllegalArgumentException with a sentence, if the folder does not tell
   */
  static String registerAddress(Path data) {
    return read(data)
        .address("register")
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the instance's settings lack a key: file="
                        + data.resolve(FILE)
                        + " key=port.register; give --register host:port"));
  }
}
