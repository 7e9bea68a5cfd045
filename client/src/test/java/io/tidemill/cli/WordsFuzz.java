package io.tidemill.cli;

import io.tidemill.cli.text.Units;
import io.tidemill.client.TaskStates;
import io.tidemill.rpc.TaskIds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Any words of a command line: task ids, durations, states and addresses are taken as they are
 * meant, or refused with a sentence.
 */
public final class WordsFuzz {
  private WordsFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    id(text);
    duration(text);
    refusedOr(() -> TaskStates.parse(text));
    address(text);
  }

  private static void id(String text) {
    refusedOr(
        () -> {
          String again = TaskIds.format(TaskIds.parse(text));
          require(again.equals(text.toLowerCase(Locale.ROOT)), "a task id is another one");
        });
  }

  private static void duration(String text) {
    refusedOr(
        () -> {
          Duration duration = Units.duration(text);
          require(duration.toNanos() >= 0 && duration.toMillis() >= 0, "a duration below 0");
        });
  }

  private static void address(String text) {
    GlobalOptions options = new GlobalOptions();
    options.plm = text;
    try {
      String address = new Addresses(options, Map.of(), Path.of("/nowhere")).plm();
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      require(port > 0 && port < 65_536, "a port that is none");
    } catch (CliException refused) {
      require(refused.getMessage().contains("bad address"), "a refusal that does not say why");
    }
  }

  private static void refusedOr(Runnable take) {
    try {
      take.run();
    } catch (IllegalArgumentException refused) {
      require(refused.getMessage() != null, "a refusal without a word");
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
