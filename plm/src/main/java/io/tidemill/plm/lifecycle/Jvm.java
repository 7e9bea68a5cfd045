package io.tidemill.plm.lifecycle;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How virtual machines are started: what the scripts put into the environment, or where they were
 * not used, as this one was.
 */
record Jvm(
    String java,
    String classPath,
    List<String> serverOptions,
    List<String> workerOptions,
    List<String> supervisorOptions) {

  static Jvm of(Map<String, String> environment) {
    String java = environment.get("TIDEMILL_JAVA");
    String classPath = environment.get("TIDEMILL_CLASSPATH");
    return new Jvm(
        java != null ? java : Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        classPath != null ? classPath : ownClassPath(),
        options(environment.get("TIDEMILL_SERVER_OPTS")),
        options(environment.get("TIDEMILL_WORKER_OPTS")),
        options(environment.get("TIDEMILL_SUPERVISOR_OPTS")));
  }

  /** One a line, since a path may hold spaces. */
  private static List<String> options(String lines) {
    return lines != null ? lines.lines().filter(line -> !line.isBlank()).toList() : ownOptions();
  }

  private static String ownClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Without what two machines cannot share, and what names the role of this one. */
  private static List<String> ownOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-agentlib:") && !option.startsWith("-javaagent:"))
        .filter(option -> !option.startsWith("-Dtidemill."))
        .toList();
  }
}
