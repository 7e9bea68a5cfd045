package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.RuleTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules for queues and keys as they were last read. By the agent's thread. */
final class Rules {
  private final RuleTable table;
  private final Set<String> paused = new HashSet<>();
  private final Map<String, Rule> keys = new HashMap<>();
  private final List<Rule> patterns = new ArrayList<>();
  private long seen = -1;

  Rules(Instance instance) {
    this.table = instance.regions().rules();
    refresh();
  }

  /** Whether they have changed since they were read. */
  boolean isChanged() {
    return table.version() != seen;
  }

  /** Reads them if they have changed. */
  boolean refresh() {
    if (!isChanged()) {
      return false;
    }
    seen = table.version();
    paused.clear();
    keys.clear();
    patterns.clear();
    table.read().forEach(this::keep);
    return true;
  }

  private void keep(Rule rule) {
    if (rule.of() == Rule.Of.QUEUE) {
      if (rule.paused()) {
        paused.add(rule.name());
      }
    } else if (rule.name().endsWith("*")) {
      patterns.add(rule);
    } else {
      keys.put(rule.name(), rule);
    }
  }

  boolean isPaused(String queue) {
    return !paused.isEmpty() && paused.contains(queue);
  }

  boolean limitKeys() {
    return !keys.isEmpty() || !patterns.isEmpty();
  }

  /** The one that holds for a key: its own, else the longest pattern that covers it; or null. */
  Rule ofKey(String key) {
    Rule best = keys.get(key);
    if (best == null) {
      for (Rule rule : patterns) {
        boolean longer = best == null || rule.name().length() > best.name().length();
        if (longer && rule.covers(key)) {
          best = rule;
        }
      }
    }
    return best;
  }
}
