package io.tidemill.shm.config;

import java.io.IOException;
import java.util.Map;

/** Draws docs/configuration.md's table from the declared keys. */
public final class ConfigDoc {
  private ConfigDoc() {}

  /** Prints the table, or writes it into the document that is named. */
  public static void main(String[] arguments) throws IOException {
    GeneratedPart.main(arguments, parts());
  }

  /** The generated parts of the document, by name. */
  public static Map<String, String> parts() {
    StringBuilder text = new StringBuilder();
    for (Key key : Key.values()) {
      describe(key, text);
    }
    return Map.of("settings", text.toString());
  }

  private static void describe(Key key, StringBuilder text) {
    text.append("### ").append(key.key()).append("\n\n").append(key.text()).append("\n\n");
    text.append("| environment | default | range | unit |\n|---|---|---|---|\n| `");
    text.append(key.environment()).append("` | ");
    text.append(key.defaultValue().isEmpty() ? "empty" : "`" + key.defaultValue() + "`");
    text.append(" | ").append(key.isNumber() ? key.least() + " to " + key.most() : "text");
    text.append(" | ").append(key.unit().isEmpty() ? "-" : key.unit()).append(" |\n\n");
  }
}
