package io.tidemill.cli;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The commands that run a server or a worker. They are programs of their own with options of their
 * own; this one only hands over to them, where they are on the class path. (The script does the
 * same without starting this one.)
 */
final class ServerRole {
  private static final Map<String, String> MAIN_CLASSES =
      Map.of(
          "plm", "io.tidemill.plm.PlmMain",
          "scheduler", "io.tidemill.scheduler.SchedulerMain",
          "register", "io.tidemill.register.RegisterMain",
          "supervisor", "io.tidemill.plm.lifecycle.SupervisorMain",
          "worker", "io.tidemill.worker.WorkerMain");

  /** What of {@code worker ...} is the command line's own. */
  private static final Set<String> WORKER_COMMANDS = Set.of("list", "drain", "--help", "-h");

  private ServerRole() {}

  /** The main class that these arguments ask for, if it is there to be run. */
  static Optional<String> mainClassFor(String... args) {
    String name = args.length == 0 ? null : MAIN_CLASSES.get(args[0]);
    boolean ours =
        name != null
            && args[0].equals("worker")
            && (args.length == 1 || WORKER_COMMANDS.contains(args[1]));
    return name == null || ours || !isPresent(name) ? Optional.empty() : Optional.of(name);
  }

  private static boolean isPresent(String name) {
    try {
      Class.forName(name, false, ServerRole.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Runs the program with the arguments behind the command's name (and behind {@code run}). */
  static void run(String mainClass, String... args) {
    int from = args.length > 1 && args[0].equals("worker") && args[1].equals("run") ? 2 : 1;
    String[] rest = Arrays.copyOfRange(args, from, args.length);
    try {
      Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) rest);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "cannot start: class=" + mainClass + "; is the build whole?", e);
    }
  }

  /**
   * What a role's command answers when it ends up here: the program is not there, or was not named
   * first.
   */
  static int notHere(Cli cli, String role) {
    cli.say(
        "cannot run it from here: command="
            + role
            + "; run `scripts/tidemill "
            + role
            + " ...` with the command first, in a built tree or a release");
    return ExitCodes.USAGE;
  }
}
