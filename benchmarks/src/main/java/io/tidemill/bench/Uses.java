package io.tidemill.bench;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** What some processes use for each task of a run. */
final class Uses {
  private final Map<String, Long> pids;
  private final Map<String, Proc.Use> before = new TreeMap<>();

  private Uses(Map<String, Long> pids) {
    this.pids = pids;
  }

  /** From now on, of these and of ourselves, who are the client. */
  static Uses begin(Map<String, Long> processes) throws IOException {
    Map<String, Long> all = new TreeMap<>(processes);
    all.put("client", ProcessHandle.current().pid());
    Uses uses = new Uses(all);
    for (Map.Entry<String, Long> process : all.entrySet()) {
      uses.before.put(process.getKey(), Proc.use(process.getValue()));
    }
    return uses;
  }

  void end(Report report, String target, int tasks) throws IOException {
    double cpu = 0;
    double sleeps = 0;
    for (Map.Entry<String, Long> process : pids.entrySet()) {
      Proc.Use use = Proc.use(process.getValue()).since(before.get(process.getKey()));
      String name = target + ", " + process.getKey() + ": ";
      report.add(name + "CPU of a task", "us", use.cpuNanos() / 1e3 / tasks);
      report.add(name + "wake-ups of a task", "", (double) use.sleeps() / tasks);
      cpu += use.cpuNanos();
      sleeps += use.sleeps();
    }
    report.add(target + ", all: CPU of a task", "us", cpu / 1e3 / tasks);
    report.add(target + ", all: wake-ups of a task", "", sleeps / tasks);
  }
}
