package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.ServerArguments;
import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.util.Map;

/** The supervisor as a process of its own, until SIGTERM. Its words are {@code --data DIR}. */
public final class SupervisorMain {
  private SupervisorMain() {}

  public static void main(String[] arguments) {
    Host.keepFilesPrivate();
    Host.exit(run(arguments, Programs.REAL, System.getenv()));
  }

  static int run(String[] arguments, Programs programs, Map<String, String> environment) {
    try {
      ServerArguments parsed = ServerArguments.parse(arguments);
      DataDir dir = prepare(parsed);
      WantedWorkers wanted =
          WantedWorkers.read(new RunFiles(dir).workers())
              .orElse(new WantedWorkers(WantedWorkers.DEFAULT_COUNT, 0));
      runUntilSignalled(
          Supervisor.enter(
              dir, parsed.settings(), wanted, new Launcher(dir, programs, environment)));
      return ExitCode.OK;
    } catch (SettingsException e) {
      return failed(e.getMessage(), ExitCode.USAGE);
    } catch (InstanceException | IOException e) {
      return failed(e.getMessage(), ExitCode.FAILURE);
    } catch (InterruptedException e) {
      return failed("interrupted", ExitCode.FAILURE);
    }
  }

  /**
   * Runs a supervisor on this thread; a signal's handler waits until the instance has been stopped.
   */
  static void runUntilSignalled(Supervisor supervisor) throws IOException, InterruptedException {
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  supervisor.stop();
                  joinUninterrupted(main);
                },
                "shutdown"));
    supervisor.run();
  }

  private static DataDir prepare(ServerArguments arguments) throws IOException {
    Settings settings = arguments.settings();
    return Folders.prepare(arguments.data(), settings.text(Key.SHM_DIR));
  }

  private static void joinUninterrupted(Thread main) {
    try {
      main.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int failed(String sentence, int code) {
    System.err.println("tidemill supervisor: " + sentence);
    return code;
  }
}
