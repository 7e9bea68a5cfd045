package io.tidemill.plm.lifecycle;

import static org.awaitility.Awaitility.await;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** An instance of fake processes in a folder of its own; closing ends whatever it left running. */
final class TestInstance implements AutoCloseable {
  static final Programs FAKES =
      new Programs(
          FakeServer.class.getName(),
          FakeServer.class.getName(),
          FakeServer.class.getName(),
          FakeWorker.class.getName(),
          FakeSupervisor.class.getName());

  /** How a command ended and what it said. */
  record Said(int code, String out, String err) {}

  private final Path folder;
  private final Path data;
  private final DataDir dir;
  private final List<String> settings = new ArrayList<>();

  TestInstance(Path folder) throws IOException {
    this.folder = folder;
    this.data = folder.toRealPath().resolve("data");
    this.dir = new DataDir(data, "");
    for (String port : List.of("port.plm", "port.scheduler", "port.register")) {
      set(port, Integer.toString(freePort()));
    }
    set("tasks.max", "1000");
    set("workers.max", "8");
  }

  TestInstance set(String key, String value) {
    settings.addAll(List.of("--set", key + "=" + value));
    return this;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Where a fake process looks for a reason not to start. */
  static Path failure(Path data, String name) {
    return data.resolve(name + ".refuse");
  }

  TestInstance refuse(String name, String sentence) throws IOException {
    dir.prepare();
    TextFile.write(failure(data, name), sentence);
    return this;
  }

  DataDir dir() {
    return dir;
  }

  RunFiles files() {
    return new RunFiles(dir);
  }

  /** Starts as the script does, in a process that goes on once it has answered. */
  Said start(String... more) throws IOException {
    Path out = Files.createTempFile(folder, "start", ".out");
    Path err = Files.createTempFile(folder, "start", ".err");
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" 3>&1 >" + out, ""));
    command.addAll(startCommand(more));
    command.addAll(List.of("--answer", "3"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().putAll(environment());
    Process process = builder.start();
    String answer = text(process.getInputStream().readAllBytes()).strip();
    int code = answer.isEmpty() ? exitCode(process) : Integer.parseInt(answer);
    return new Said(code, Files.readString(out), Files.readString(err));
  }

  /** Starts in the foreground, in a process whose words go to a file. */
  Process startInForeground(Path out, String... more) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(startCommand(more)).redirectErrorStream(true);
    builder.environment().putAll(environment());
    return builder.redirectOutput(out.toFile()).start();
  }

  private List<String> startCommand(String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), FakeStart.class.getName()));
    command.addAll(arguments(more));
    return command;
  }

  private static int exitCode(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> arguments(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--data", data.toString()));
    arguments.addAll(settings);
    arguments.addAll(Arrays.asList(more));
    return arguments;
  }

  Said stop() {
    String[] arguments = {"--data", data.toString()};
    return run((out, err) -> StopMain.run(arguments, out, err));
  }

  Said upgrade() {
    String[] arguments = {"--data", data.toString()};
    return run((out, err) -> UpgradeMain.run(arguments, FAKES, environment(), out, err));
  }

  int pid(Role role) {
    return RoleLock.holder(dir.lock(role));
  }

  /** The pid of the role's process, once it is not this one. */
  int awaitOther(Role role, int former) {
    return await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> pid(role), pid -> pid != 0 && pid != former);
  }

  Running process(String name) throws IOException {
    return Running.of(files().pid(name)).orElseThrow();
  }

  <T> T look(Function<Regions, T> question) {
    try (Regions regions = Instance.observe(dir)) {
      return question.apply(regions);
    }
  }

  @Override
  public void close() {
    // The supervisor first: it would start the others again.
    Running.of(pid(Role.SUPERVISOR)).ifPresent(Running::kill);
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              List<Member> left = Member.of(data);
              left.forEach(member -> member.running().kill());
              return left.isEmpty();
            });
  }

  private interface Command {
    int run(PrintStream out, PrintStream err);
  }

  private static Said run(Command command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int code = command.run(outStream, errStream);
      return new Said(code, text(out.toByteArray()), text(err.toByteArray()));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Map<String, String> environment() {
    String lines = String.join("\n", options());
    return Map.of(
        "TIDEMILL_SERVER_OPTS", lines,
        "TIDEMILL_WORKER_OPTS", lines,
        "TIDEMILL_SUPERVISOR_OPTS", lines);
  }

  private static List<String> options() {
    List<String> options =
        new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    options.removeIf(option -> option.startsWith("-javaagent") || option.startsWith("-agentlib"));
    options.addAll(
        List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    options.add("-Dlogback.configurationFile=" + quietLogging());
    return options;
  }

  private static Path quietLogging() {
    try {
      Path file = Files.createTempFile("tidemill-test", ".xml");
      file.toFile().deleteOnExit();
      return Files.writeString(file, "<configuration><root level='OFF'/></configuration>");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
