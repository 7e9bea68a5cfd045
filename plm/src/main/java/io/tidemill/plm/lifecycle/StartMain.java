package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/**
 * Starts an instance, and goes on as its supervisor until SIGTERM; or joins one that runs, and
 * returns when every process is healthy: {@code [--data DIR] [--workers N] [--capacity N]
 * [--port-base P] [--durability process|disk] [--set key=value ...] [--answer FD]}. With a
 * descriptor, whoever called is told there when every process is healthy, and is left alone.
 */
public final class StartMain {
  private StartMain() {}

  public static void main(String[] arguments) {
    Host.keepFilesPrivate();
    // Hooks have nothing to add: an instance that was supervised here has been stopped by now.
    Host.exit(run(arguments, Programs.REAL, System.getenv(), System.out, System.err));
  }

  static int run(
      String[] arguments,
      Programs programs,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err) {
    try {
      return start(StartOptions.parse(arguments), programs, environment, out, err);
    } catch (SettingsException e) {
      return failed(err, e.getMessage(), ExitCode.USAGE);
    } catch (InstanceException e) {
      return failed(err, e.getMessage(), ExitCode.FAILURE);
    } catch (InterruptedException e) {
      return failed(err, "interrupted while starting", ExitCode.FAILURE);
    }
  }

  private static int start(
      StartOptions options,
      Programs programs,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err)
      throws InterruptedException {
    try {
      return new Start(options, programs, environment, out, err).run();
    } catch (IOException e) {
      String sentence =
          "cannot start: data="
              + options.data()
              + " available_bytes="
              + options.data().toFile().getUsableSpace()
              + " cause="
              + e;
      return failed(err, sentence, ExitCode.FAILURE);
    }
  }

  private static int failed(PrintStream err, String sentence, int code) {
    err.println("tidemill: " + sentence);
    return code;
  }
}
