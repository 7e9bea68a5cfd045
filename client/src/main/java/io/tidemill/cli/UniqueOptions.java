package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that say what there may be one task of at a time. */
final class UniqueOptions {
  @Option(
      names = "--unique",
      paramLabel = "KEY",
      description = "No new task while another one holds this key: its id is told instead.")
  String key = "";

  @Option(
      names = "--unique-until",
      paramLabel = "WHEN",
      description = "It holds the key until its ${COMPLETION-CANDIDATES} (end).")
  Until until;

  @Option(
      names = "--unique-for",
      paramLabel = "TIME",
      description = "It holds the key for so long after its end, too: 10m.")
  Duration after;

  /** As users write it. */
  enum Until {
    start(UniqueUntil.UNIQUE_UNTIL_START),
    end(UniqueUntil.UNIQUE_UNTIL_END);

    final UniqueUntil value;

    Until(UniqueUntil value) {
      this.value = value;
    }
  }

  void check() {
    if (key.isEmpty() && (until != null || after != null)) {
      throw CliException.usage(
          "--unique-until and --unique-for say how long --unique holds; give --unique KEY");
    }
    if (until == Until.start && after != null) {
      throw CliException.usage(
          "--unique-until start and --unique-for exclude each other; give one of them");
    }
  }

  void addTo(TaskSpec.Builder spec) {
    spec.setUniqueKey(key);
    if (until != null) {
      spec.setUniqueUntil(until.value);
    }
    if (after != null) {
      spec.setUniqueForMs(after.toMillis());
    }
  }

  /** What a task says of it; nothing if it has none. */
  static void addTo(JsonObject json, Task task) {
    if (!task.getUniqueKey().isEmpty()) {
      json.addProperty("unique_key", task.getUniqueKey());
      json.addProperty(
          "unique_until",
          task.getUniqueUntil() == UniqueUntil.UNIQUE_UNTIL_START ? "START" : "END");
      json.addProperty("unique_for_ms", task.getUniqueForMs());
    }
  }

  /** REQUEST_ID, UNIQUE_KEY. */
  static String name(DuplicateReason reason) {
    return reason == DuplicateReason.UNRECOGNIZED
        ? "UNKNOWN"
        : reason.name().substring("DUPLICATE_REASON_".length());
  }
}
