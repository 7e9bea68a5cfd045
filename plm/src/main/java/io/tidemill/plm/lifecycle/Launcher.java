package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.region.Role;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts processes of an instance such that they outlive whoever starts them: in a session of their
 * own, so that neither a closing terminal nor Ctrl-C reaches them, and with files as standard
 * streams.
 */
final class Launcher {
  /** Names a process on its command line; its log file is named so, too. */
  static final String ROLE_OPTION = "-Dtidemill.role=";

  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final DataDir dir;
  private final RunFiles files;
  private final Programs programs;
  private final Jvm jvm;

  Launcher(DataDir dir, Programs programs, Map<String, String> environment) {
    this.dir = dir;
    this.files = new RunFiles(dir);
    this.programs = programs;
    this.jvm = Jvm.of(environment);
  }

  Launched server(Role role) throws IOException {
    return launch(role.label(), jvm.serverOptions(), programs.of(role), List.of());
  }

  /**
   * @param capacity 0 leaves it to the worker
   */
  Launched worker(String id, int capacity) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--id", id));
    if (capacity > 0) {
      arguments.addAll(List.of("--capacity", Integer.toString(capacity)));
    }
    return launch(id, jvm.workerOptions(), programs.worker(), arguments);
  }

  Launched supervisor() throws IOException {
    Role role = Role.SUPERVISOR;
    return launch(role.label(), jvm.supervisorOptions(), programs.of(role), List.of());
  }

  private Launched launch(String name, List<String> options, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(detached());
    command.add(jvm.java());
    command.addAll(options);
    command.add(ROLE_OPTION + name);
    command.add("-D" + ProcessLogging.FOLDER + "=" + dir.logs());
    command.add("-XX:ErrorFile=" + dir.logs().resolve("crash-" + name + "-%p.log"));
    command.addAll(List.of("-cp", jvm.classPath(), main, "--data", dir.root().toString()));
    command.addAll(arguments);
    OutFile out = OutFile.continued(files.out(name));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.root().toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.file().toFile()))
            .redirectErrorStream(true);
    forgetSettings(builder.environment());
    return new Launched(builder.start(), out);
  }

  /**
   * Settings have been resolved into the instance's file, where what the command line said came
   * first.
   */
  private static void forgetSettings(Map<String, String> environment) {
    for (Key key : Key.values()) {
      environment.remove(key.environment());
    }
  }

  /** Both become the program itself, under the same pid. */
  private static List<String> detached() {
    return Files.isExecutable(SETSID)
        ? List.of(SETSID.toString())
        : List.of("/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "tidemill");
  }
}
