package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.ServerArguments;
import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Takes a running instance over to this release: {@code [--data DIR] [--worker-wait SECONDS]}. */
public final class UpgradeMain {
  private static final int WORKER_WAIT_SECONDS = 600;
  private static final int WORKER_WAIT_SECONDS_MAX = 86_400;

  private UpgradeMain() {}

  public static void main(String[] arguments) {
    Host.keepFilesPrivate();
    Host.exit(run(arguments, Programs.REAL, System.getenv(), System.out, System.err));
  }

  static int run(
      String[] arguments,
      Programs programs,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err) {
    try {
      Words words = Words.parse(arguments, List.of("--data", "--worker-wait"));
      Path data = words.text("--data").map(Path::of).orElseGet(ServerArguments::defaultData);
      int wait =
          words.number("--worker-wait", 0, WORKER_WAIT_SECONDS_MAX).orElse(WORKER_WAIT_SECONDS);
      if (!Files.isDirectory(data.resolve("run"))) {
        return failed(err, "there is no instance: data=" + data, ExitCode.FAILURE);
      }
      return new Upgrade(data, Duration.ofSeconds(wait), programs, environment, out).run();
    } catch (SettingsException e) {
      return failed(err, e.getMessage(), ExitCode.USAGE);
    } catch (InstanceException e) {
      return failed(err, e.getMessage(), ExitCode.FAILURE);
    } catch (IOException | InterruptedException e) {
      return failed(err, "the upgrade broke off: cause=" + e + "; run it again", ExitCode.FAILURE);
    }
  }

  private static int failed(PrintStream err, String sentence, int code) {
    err.println("tidemill: " + sentence);
    return code;
  }
}
