package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.region.Role;
import java.io.PrintStream;
import java.util.Map;

/** What a user is told about an instance that is healthy. */
final class Summary {
  private final String title;
  private final DataDir dir;
  private final Settings settings;
  private final WantedWorkers wanted;
  private final Map<String, String> environment;
  private final PrintStream out;

  Summary(
      String title,
      DataDir dir,
      Settings settings,
      WantedWorkers wanted,
      Map<String, String> environment,
      PrintStream out) {
    this.title = title;
    this.dir = dir;
    this.settings = settings;
    this.wanted = wanted;
    this.environment = environment;
    this.out = out;
  }

  /**
   * @param processes their pids, by name
   */
  void print(Map<String, Integer> processes) {
    out.println("Tidemill: " + title + ": data=" + dir.root());
    for (Role role : Role.servers()) {
      line(role.label(), address(role), processes.get(role.label()), what(role));
    }
    for (String id : wanted.names()) {
      if (processes.containsKey(id)) {
        line(id, "registered", processes.get(id), "");
      }
    }
    out.println("  logs:  " + dir.logs());
    out.println("  watch: " + command("tidemill top"));
    out.println("  stop:  " + command("stop-all.sh"));
  }

  private String address(Role role) {
    return Addresses.hasPort(settings)
        ? Addresses.of(settings, role)
        : Addresses.local(settings, dir.root(), role);
  }

  private void line(String name, String where, int pid, String what) {
    out.printf("  %-10s %-21s pid=%-8d %s%n", name, where, pid, what);
  }

  private static String what(Role role) {
    return switch (role) {
      case PLM -> "clients connect here";
      case SCHEDULER -> "workers get their tasks here";
      case REGISTER -> "workers report here";
      case SUPERVISOR -> "";
    };
  }

  private String command(String words) {
    return environment.getOrDefault("TIDEMILL_SCRIPTS", "scripts")
        + "/"
        + words
        + " --data "
        + dir.root();
  }
}
