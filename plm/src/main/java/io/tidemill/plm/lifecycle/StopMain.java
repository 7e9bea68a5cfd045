package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.ServerArguments;
import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Stops an instance: {@code [--data DIR] [--timeout S]}. Nothing running is no error. */
public final class StopMain {
  private static final int TIMEOUT_SECONDS_MAX = 86_400;

  private StopMain() {}

  public static void main(String[] arguments) {
    Host.exit(run(arguments, System.out, System.err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    try {
      Words words = Words.parse(arguments, List.of("--data", "--timeout"));
      Path data = words.text("--data").map(Path::of).orElseGet(ServerArguments::defaultData);
      int seconds =
          words.number("--timeout", 0, TIMEOUT_SECONDS_MAX).orElse((int) Stop.LIMIT.toSeconds());
      return stop(data, Duration.ofSeconds(seconds), out, err);
    } catch (SettingsException e) {
      err.println("tidemill: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (IOException | InterruptedException e) {
      err.println("tidemill: cannot stop: cause=" + e);
      return ExitCode.FAILURE;
    }
  }

  private static int stop(Path data, Duration limit, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    if (!Files.isDirectory(data.resolve("run"))) {
      out.println("nothing is running: data=" + data);
      return ExitCode.OK;
    }
    DataDir dir = Folders.existing(data, "");
    Stop stop = new Stop(dir, out::println, limit);
    if (!stop.isNeeded()) {
      out.println("nothing is running: data=" + dir.root());
      return ExitCode.OK;
    }
    err.println("stopping: data=" + dir.root() + "; workers finish what they have begun");
    List<Member> remaining = stop.run();
    if (!remaining.isEmpty()) {
      err.println("tidemill: could not be ended, not even by SIGKILL: " + describe(remaining));
      return ExitCode.FAILURE;
    }
    out.println("all stopped: data=" + dir.root());
    return ExitCode.OK;
  }

  private static String describe(List<Member> members) {
    return members.stream()
        .map(member -> member.name() + " pid=" + member.running().pid())
        .collect(Collectors.joining(", "));
  }
}
