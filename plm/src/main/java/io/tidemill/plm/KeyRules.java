package io.tidemill.plm;

import io.tidemill.shm.region.Rule;
import java.util.List;

/** Which rule holds for a queue or a key, as the Main Scheduler decides it. */
final class KeyRules {
  private KeyRules() {}

  /** Null: none. */
  static Rule ofQueue(List<Rule> rules, String queue) {
    return rules.stream()
        .filter(rule -> rule.of() == Rule.Of.QUEUE && rule.name().equals(queue))
        .findFirst()
        .orElse(null);
  }

  /** The key's own, else the longest pattern that covers it; null: none. */
  static Rule ofKey(List<Rule> rules, String key) {
    Rule best = null;
    for (Rule rule : rules) {
      if (rule.of() != Rule.Of.KEY || !rule.covers(key)) {
        continue;
      }
      if (rule.name().equals(key)) {
        return rule;
      }
      if (best == null || rule.name().length() > best.name().length()) {
        best = rule;
      }
    }
    return best;
  }
}
