package io.tidemill.cli;

import io.tidemill.cli.text.Units;
import io.tidemill.client.TidemillException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry of the command line. */
public final class TidemillMain {
  private static final String LOGGING = "io/tidemill/cli/logback-cli.xml";

  private static final int HELP_WIDTH = 100;
  private static final int HELP_OPTION_WIDTH = 30;

  private TidemillMain() {}

  public static void main(String[] args) {
    Optional<String> server = ServerRole.mainClassFor(args);
    if (server.isPresent()) {
      ServerRole.run(server.get(), args);
      return;
    }
    System.setProperty("logback.configurationFile", LOGGING);
    LogManager.getLogManager().reset(); // gRPC's own log; what it has to say comes as a status, too
    PrintWriter out = writer(FileDescriptor.out);
    PrintWriter err = writer(FileDescriptor.err);
    Cli.Host host =
        new Cli.Host(
            System.in,
            out,
            err,
            isTerminal(0),
            isTerminal(1),
            isTerminal(2),
            System.getenv(),
            Path.of(System.getProperty("user.home")));
    Cli cli = new Cli(host);
    int exitCode = run(cli, args);
    if (cli.hasConnected()) {
      // The threads of a transport would hold up the usual way.
      io.tidemill.shm.os.Host.exit(exitCode);
    }
    System.exit(exitCode);
  }

  /** UTF-8 whatever the locale says: data must not depend on it. */
  private static PrintWriter writer(FileDescriptor stream) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(stream), StandardCharsets.UTF_8), true);
  }

  /** The JDK tells of stdin and stdout together only; the kernel (Linux) tells of each. */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false; // no /proc here, or the stream is closed: plain output is always right
    }
  }

  static int run(Cli.Host host, String... args) {
    return run(new Cli(host), args);
  }

  private static int run(Cli cli, String... args) {
    int exitCode = commandLine(cli).execute(args);
    cli.out().flush();
    cli.err().flush();
    return exitCode;
  }

  /** The whole command tree. */
  static CommandLine commandLine(Cli cli) {
    CommandLine commandLine = new CommandLine(new TidemillCommand(cli), new CommandFactory(cli));
    commandLine.setOut(cli.out());
    commandLine.setErr(cli.err());
    commandLine.registerConverter(
        Duration.class,
        text -> {
          try {
            return Units.duration(text);
          } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(e.getMessage());
          }
        });
    commandLine.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            cli.outTerminal() && cli.wantsColour()
                ? CommandLine.Help.Ansi.ON
                : CommandLine.Help.Ansi.OFF));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpWidth(HELP_WIDTH);
    commandLine.setUsageHelpLongOptionsMaxWidth(HELP_OPTION_WIDTH);
    commandLine.setExecutionExceptionHandler((error, line, parsed) -> failed(cli, error));
    commandLine.setParameterExceptionHandler(TidemillMain::misused);
    return commandLine;
  }

  private static int failed(Cli cli, Exception error) {
    cli.out().flush();
    if (error instanceof CliException known) {
      cli.say(known.getMessage());
      return known.exitCode();
    }
    if (error instanceof TidemillException refused) {
      cli.say(refused);
      return ExitCodes.of(refused);
    }
    if (error instanceof ParameterException misuse) {
      return misused(misuse, new String[0]);
    }
    cli.say("failed: " + error + "; this is a bug or a broken input or output");
    return ExitCodes.FAILURE;
  }

  private static int misused(ParameterException error, String[] args) {
    CommandLine line = error.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("tidemill: " + error.getMessage());
    UnmatchedArgumentException.printSuggestions(error, err);
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCodes.USAGE;
  }

  /** Makes commands, which take a {@link Cli}. */
  private record CommandFactory(Cli cli) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (var constructor : type.getDeclaredConstructors()) {
        Class<?>[] parameters = constructor.getParameterTypes();
        if (parameters.length == 1 && parameters[0] == Cli.class) {
          return type.cast(constructor.newInstance(cli));
        }
      }
      return CommandLine.defaultFactory().create(type);
    }
  }
}
