package io.tidemill.shm.instance;

import io.tidemill.shm.journal.Definition;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.RuleTable;
import java.util.ArrayList;
import java.util.List;

/** The rules that definitions stand for. */
public final class RuleFold {
  private RuleFold() {}

  /** Those among them; as many as there is room for. */
  static List<Rule> of(Iterable<Definition> definitions) {
    List<Rule> rules = new ArrayList<>();
    for (Definition each : definitions) {
      Rule rule = rule(DefinitionKind.of(each.kind()), each.name(), each.body());
      if (rule != null && rules.size() < RuleTable.RULES_MAX) {
        rules.add(rule);
      }
    }
    return rules;
  }

  /** Null if the definition is of something else. */
  public static Rule rule(DefinitionKind kind, String name, byte[] body) {
    if (kind == DefinitionKind.QUEUE) {
      return Rule.parse(Rule.Of.QUEUE, name, body);
    }
    return kind == DefinitionKind.LIMIT ? Rule.parse(Rule.Of.KEY, name, body) : null;
  }
}
