package io.tidemill.system.kills;

import io.tidemill.system.kills.AffinityLoad.Calm;
import io.tidemill.system.kills.AffinityLoad.Sent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds where tasks with affinity keys began against what is promised of their workers. */
final class AffinityChecks {
  /** Where the tasks of each key began, by the workers that were connected. */
  private final Map<Set<String>, Map<String, String>> homes = new HashMap<>();

  private final List<String> violations = new ArrayList<>();
  private int judged;

  AffinityChecks(Collection<Sent> sent, Collection<Calm> calms, List<Run> runs) {
    Map<String, Run> first = new HashMap<>();
    runs.forEach(run -> first.putIfAbsent(run.task(), run));
    for (Sent each : sent) {
      Run run = first.get(each.task());
      calms.stream()
          .filter(calm -> calm.fromNanos() <= each.askedNanos())
          .filter(calm -> run != null && run.beganNanos() <= calm.toNanos())
          .forEach(calm -> stays(each, run, calm));
    }
    homes.forEach((fleet, its) -> homes.forEach((less, others) -> onlyWhatMust(fleet, less)));
  }

  /** A key has one worker, as long as the same ones are connected, now and later. */
  private void stays(Sent task, Run run, Calm calm) {
    judged++;
    String home =
        homes
            .computeIfAbsent(calm.fleet(), fleet -> new HashMap<>())
            .computeIfAbsent(task.key(), key -> run.worker());
    if (!calm.fleet().contains(run.worker()) || !home.equals(run.worker())) {
      violations.add(
          "not at the worker of its key, " + home + ": " + task + " " + run + " " + calm);
    }
  }

  /** When a worker goes, the keys of the others stay. */
  private void onlyWhatMust(Set<String> fleet, Set<String> less) {
    if (!fleet.containsAll(less)) {
      return;
    }
    homes
        .get(less)
        .forEach(
            (key, home) -> {
              String before = homes.get(fleet).get(key);
              if (less.contains(before) && !home.equals(before)) {
                violations.add(
                    "moved, though its worker lives: " + key + " " + before + " " + home);
              }
            });
  }

  List<String> violations() {
    return violations;
  }

  /** How many tasks were looked at. */
  int judged() {
    return judged;
  }

  /** The worker of a key while these were connected. */
  String home(Set<String> fleet, String key) {
    return homes.getOrDefault(fleet, Map.of()).get(key);
  }

  /** How many keys have their worker among these. */
  long keysAt(Set<String> fleet, String worker) {
    return homes.getOrDefault(fleet, Map.of()).values().stream().filter(worker::equals).count();
  }
}
