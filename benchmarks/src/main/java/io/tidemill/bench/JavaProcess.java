package io.tidemill.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the benchmarks' own helper processes, with the options of Tidemill's own, which the
 * scripts hand over. It runs until its standard input ends, so that it does not outlive us.
 */
public final class JavaProcess {
  public static final String SERVER_OPTIONS = "TIDEMILL_SERVER_OPTS";
  public static final String WORKER_OPTIONS = "TIDEMILL_WORKER_OPTS";

  private JavaProcess() {}

  /** Returns once it says that it is ready. */
  public static Process begin(String options, Class<?> main, String... arguments)
      throws IOException {
    return begin(options, List.of(), main, arguments);
  }

  /**
   * The same.
   *
   * @param more options, which override these
   */
  static Process begin(String options, List<String> more, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getenv("TIDEMILL_JAVA"));
    command.addAll(System.getenv(options).lines().filter(option -> !option.isBlank()).toList());
    command.addAll(more);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (!"ready".equals(process.inputReader().readLine())) {
      process.destroyForcibly();
      throw new IOException(
          "a helper process did not start: main="
              + main.getName()
              + " arguments="
              + List.of(arguments));
    }
    return process;
  }
}
