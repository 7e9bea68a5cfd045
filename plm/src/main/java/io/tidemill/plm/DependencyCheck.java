package io.tidemill.plm;

import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Looks at what the tasks of a submission wait for, before any of them is accepted. */
final class DependencyCheck {
  static final int DEPENDENCIES_MAX = 2_000;

  private static final int SHOWN_MAX = 20;

  private DependencyCheck() {}

  /**
   * What is wrong with the dependencies of one task, by itself; null: nothing.
   *
   * @param among how many tasks its indexes may name; 0: it was not submitted with others
   */
  static Refused check(TaskSpec spec, int among) {
    if (spec.getDependsOnCount() > DEPENDENCIES_MAX) {
      return Refused.invalid(
          "TOO_MANY_DEPENDENCIES",
          "depends_on",
          spec.getDependsOnCount(),
          "it waits for too many tasks: depends_on="
              + spec.getDependsOnCount()
              + " limit="
              + DEPENDENCIES_MAX
              + "; let a task in between wait for some of them");
    }
    if (spec.getDependencyRule() == DependencyRule.UNRECOGNIZED) {
      return Refused.invalid(
          "DEPENDENCY_RULE_UNKNOWN",
          "dependency_rule",
          spec.getDependencyRuleValue(),
          "unknown rule: dependency_rule="
              + spec.getDependencyRuleValue()
              + "; say ALL_SUCCEEDED, ALL_ENDED or ANY_SUCCEEDED");
    }
    for (Dependency dependency : spec.getDependsOnList()) {
      Refused wrong = check(dependency, among);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private static Refused check(Dependency dependency, int among) {
    return switch (dependency.getOfCase()) {
      case TASK_ID -> null;
      case INDEX -> {
        int index = dependency.getIndex();
        if (among == 0) {
          yield Refused.invalid(
              "DEPENDENCY_NEEDS_ATOMIC",
              "depends_on.index",
              Integer.toUnsignedString(index),
              "only tasks of one atomic call can name each other by index: index="
                  + Integer.toUnsignedString(index)
                  + "; set atomic in SubmitTasks, or give a task id");
        }
        yield index >= 0 && index < among
            ? null
            : Refused.invalid(
                "DEPENDENCY_INDEX_OUT_OF_RANGE",
                "depends_on.index",
                Integer.toUnsignedString(index),
                "no task of this call has the index: index="
                    + Integer.toUnsignedString(index)
                    + " tasks="
                    + among
                    + "; they count from 0");
      }
      case OF_NOT_SET ->
          Refused.invalid(
              "DEPENDENCY_EMPTY",
              "depends_on",
              "",
              "a dependency names no task; set task_id or index");
    };
  }

  /** Names a cycle among the tasks of one call, by their indexes; null: there is none. */
  static Refused cycle(List<TaskSpec> specs) {
    List<Integer> cycle = new CycleSearch(specs).find();
    if (cycle == null) {
      return null;
    }
    StringBuilder path = new StringBuilder();
    int shown = Math.min(SHOWN_MAX, cycle.size());
    cycle.subList(0, shown).forEach(index -> path.append(index).append(" -> "));
    path.append(shown < cycle.size() ? "... -> " : "").append(cycle.get(0));
    return Refused.invalid(
        "DEPENDENCY_CYCLE",
        "depends_on.index",
        path,
        "the tasks wait for each other in a cycle: "
            + path
            + " (each waits for the next one); break it");
  }

  /** Depth first, without recursion, since a chain may be as long as a call. */
  private static final class CycleSearch {
    private static final int NEW = 0;
    private static final int OPEN = 1;
    private static final int DONE = 2;

    private final List<TaskSpec> specs;
    private final int[] state;
    private final int[] next;
    private final Deque<Integer> path = new ArrayDeque<>();

    CycleSearch(List<TaskSpec> specs) {
      this.specs = specs;
      this.state = new int[specs.size()];
      this.next = new int[specs.size()];
    }

    /** The indexes of a cycle, each waiting for the one behind it; null: there is none. */
    List<Integer> find() {
      for (int start = 0; start < specs.size(); start++) {
        if (state[start] == NEW) {
          open(start);
        }
        while (!path.isEmpty()) {
          int found = step(path.peekLast());
          if (found >= 0) {
            return cycleFrom(found);
          }
        }
      }
      return null;
    }

    private void open(int index) {
      state[index] = OPEN;
      path.addLast(index);
    }

    /** Follows one more edge of the last task of the path; the index that closes a cycle, or -1. */
    private int step(int at) {
      TaskSpec spec = specs.get(at);
      if (next[at] == spec.getDependsOnCount()) {
        state[at] = DONE;
        path.removeLast();
        return -1;
      }
      Dependency dependency = spec.getDependsOn(next[at]++);
      if (!dependency.hasIndex()) {
        return -1;
      }
      int to = dependency.getIndex();
      if (state[to] == OPEN) {
        return to;
      }
      if (state[to] == NEW) {
        open(to);
      }
      return -1;
    }

    private List<Integer> cycleFrom(int first) {
      List<Integer> all = new ArrayList<>(path);
      return all.subList(all.indexOf(first), all.size());
    }
  }
}
