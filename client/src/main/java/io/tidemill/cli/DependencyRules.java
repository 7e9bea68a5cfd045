package io.tidemill.cli;

import io.tidemill.v1.DependencyRule;

/** As users write what a task asks of those that it waits for. */
enum DependencyRules {
  all_succeeded(DependencyRule.DEPENDENCY_RULE_ALL_SUCCEEDED),
  all_ended(DependencyRule.DEPENDENCY_RULE_ALL_ENDED),
  any_succeeded(DependencyRule.DEPENDENCY_RULE_ANY_SUCCEEDED);

  final DependencyRule rule;

  DependencyRules(DependencyRule rule) {
    this.rule = rule;
  }

  static String name(DependencyRule rule) {
    for (DependencyRules each : values()) {
      if (each.rule == rule) {
        return each.name();
      }
    }
    return "none";
  }
}
