package io.tidemill.plm;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.RuleFold;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.WakeUp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is set for queues and keys: definitions in the journal, copied into the mapped rules for the
 * Main Scheduler. A crash between both leaves the rules of before there, and the next start copies
 * again.
 */
final class QueueRules {
  private final Definitions definitions;
  private final Intake intake;
  private final RuleTable table;
  private final WakeUp scheduler;
  private final QueueLengths lengths;

  QueueRules(Instance instance, Definitions definitions, Intake intake, QueueLengths lengths) {
    this.definitions = definitions;
    this.intake = intake;
    this.table = instance.regions().rules();
    this.scheduler = instance.regions().wakeUp(Role.SCHEDULER);
    this.lengths = lengths;
    publish();
  }

  /** What is set for a queue or a key; null: nothing. */
  Rule get(Rule.Of of, String name) {
    byte[] body = definitions.get(kind(of), name);
    return body == null ? null : Rule.parse(of, name, body);
  }

  /** All that is set for queues or for keys, by name. */
  List<Rule> all(Rule.Of of) {
    List<Rule> rules = new ArrayList<>();
    definitions
        .all(kind(of))
        .forEach(
            (name, body) -> {
              Rule rule = RuleFold.rule(kind(of), name, body);
              if (rule != null) {
                rules.add(rule);
              }
            });
    return rules;
  }

  /**
   * Sets a rule in place of the one of its name; one that says nothing is removed.
   *
   * @param then when it is as durable as the instance promises
   * @return null, or why it does not hold
   */
  synchronized Refused set(Rule rule, Runnable then) {
    if (!rule.isEmpty() && get(rule.of(), rule.name()) == null && isFull()) {
      return full();
    }
    Definitions.Change change =
        rule.isEmpty()
            ? Definitions.Change.removal(kind(rule.of()), rule.name())
            : new Definitions.Change(kind(rule.of()), rule.name(), rule.body());
    return intake.define(
        List.of(change),
        () -> {
          publish();
          then.run();
        });
  }

  private boolean isFull() {
    return all(Rule.Of.QUEUE).size() + all(Rule.Of.KEY).size() >= table.capacity();
  }

  private synchronized void publish() {
    List<Rule> rules = all(Rule.Of.QUEUE);
    rules.addAll(all(Rule.Of.KEY));
    table.publish(rules.subList(0, Math.min(rules.size(), table.capacity())));
    lengths.limits(rules);
    scheduler.wake();
  }

  private Refused full() {
    return Refused.exhausted(
        "RULES_FULL",
        "no room for another rule: limit="
            + table.capacity()
            + " of queues and keys together; delete some, or use patterns such as user:*",
        Map.of("limit", Integer.toString(table.capacity())),
        0);
  }

  private static DefinitionKind kind(Rule.Of of) {
    return of == Rule.Of.QUEUE ? DefinitionKind.QUEUE : DefinitionKind.LIMIT;
  }
}
