package io.tidemill.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What the commands of scripts/bench have in common: rounds, a report, and how it is printed. */
abstract class Benchmark implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "5", description = "how often (${DEFAULT-VALUE})")
  int rounds;

  @Option(names = "--json", description = "one JSON object instead of the table")
  boolean json;

  /** Measures; what is said meanwhile goes to the standard error. */
  abstract void measure(Report report) throws Exception;

  @Override
  public final Integer call() throws Exception {
    String name = getClass().getAnnotation(CommandLine.Command.class).name();
    Report report = new Report(name).setting("rounds", rounds);
    measure(report);
    report.print(json);
    return 0;
  }

  static void run(Benchmark benchmark, String... args) {
    CommandLine command = new CommandLine(benchmark).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(args));
  }

  static void say(String what) {
    System.err.println(what);
  }
}
