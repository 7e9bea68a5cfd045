package io.tidemill.system.kills;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds the order in which tasks began at a worker that runs one at a time against a promise. */
final class OrderChecks {
  /** A task that waits: later submissions have higher sequences. */
  record Waiting(String task, int priority, long sequence) {}

  private OrderChecks() {}

  /** They all waited, and went by priority, then by submission. */
  static List<String> byPriority(List<Waiting> began) {
    List<String> violations = new ArrayList<>();
    for (int i = 1; i < began.size(); i++) {
      Waiting before = began.get(i - 1);
      Waiting after = began.get(i);
      boolean right =
          before.priority() > after.priority()
              || (before.priority() == after.priority() && before.sequence() < after.sequence());
      if (!right) {
        violations.add("began in the wrong order: " + before + " " + after);
      }
    }
    return violations;
  }

  /**
   * Of two tenants which both had tasks waiting all the time, what they got, divided by their
   * weights, was never more apart than a lease of each, once for each process that gave out turns.
   *
   * @param began the tenants of all tasks, as these began
   * @param processes how many Main Schedulers there were
   */
  static List<String> byTurns(List<String> began, Map<String, Integer> weights, int processes) {
    Map<String, Integer> left = new HashMap<>();
    began.forEach(tenant -> left.merge(tenant, 1, Integer::sum));
    List<String> waiting = new ArrayList<>(left.keySet());
    Map<String, Integer> got = new HashMap<>();
    for (int i = 0; i < began.size(); i++) {
      got.merge(began.get(i), 1, Integer::sum);
      for (String one : waiting) {
        for (String other : waiting) {
          long weight = weights.get(one);
          long others = weights.get(other);
          long apart = got.getOrDefault(one, 0) * others - got.getOrDefault(other, 0) * weight;
          if (apart > processes * (weight + others)) {
            return List.of(
                "after " + (i + 1) + " tasks " + one + " is too far before " + other + ": " + got);
          }
        }
      }
      if (left.merge(began.get(i), -1, Integer::sum) == 0) {
        waiting.remove(began.get(i)); // The others have its share from here on.
      }
    }
    return List.of();
  }
}
