package io.tidemill.plm;

import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.TaskSpec;
import java.util.function.IntToLongFunction;

/** What an acceptance has to do with tasks that wait for others. */
final class DependencyIntake {
  private final Ends ends;
  private final Dependencies dependencies;
  private final WakeUp loop;

  /**
   * @param loop of this process, which acts on what is decided
   */
  DependencyIntake(Ends ends, Dependencies dependencies, WakeUp loop) {
    this.ends = ends;
    this.dependencies = dependencies;
    this.loop = loop;
  }

  /**
   * Null if there is nothing wrong with what a task waits for.
   *
   * @param among how many tasks its indexes may name
   */
  Refused check(TaskSpec spec, int among) {
    Refused wrong = DependencyCheck.check(spec, among);
    for (int i = 0; wrong == null && i < spec.getDependsOnCount(); i++) {
      Dependency dependency = spec.getDependsOn(i);
      wrong = dependency.hasTaskId() ? checkKnown(dependency.getTaskId()) : null;
    }
    return wrong;
  }

  private Refused checkKnown(long id) {
    Ends.Where where = ends.where(id);
    if (where == Ends.Where.IN_SLOT || where == Ends.Where.KEPT) {
      return null;
    }
    boolean expired = where == Ends.Where.EXPIRED;
    return Refused.invalid(
        expired ? "DEPENDENCY_EXPIRED" : "DEPENDENCY_UNKNOWN",
        "depends_on.task_id",
        TaskIds.format(id),
        expired
            ? "it would wait for a task that ended a while ago and is no longer kept: task_id="
                + TaskIds.format(id)
                + "; leave it out, or see result.keep.seconds and result.keep.count"
            : "it would wait for a task that there is not: task_id="
                + TaskIds.format(id)
                + "; check the id");
  }

  /** The ids that a task waits for, each once. */
  static long[] parents(TaskSpec spec, IntToLongFunction idOfIndex) {
    return spec.getDependsOnList().stream()
        .mapToLong(d -> d.hasTaskId() ? d.getTaskId() : idOfIndex.applyAsLong(d.getIndex()))
        .distinct()
        .toArray();
  }

  static DependencyRule rule(TaskSpec spec) {
    DependencyRule rule = spec.getDependencyRule();
    return rule == DependencyRule.DEPENDENCY_RULE_UNSPECIFIED
        ? DependencyRule.DEPENDENCY_RULE_ALL_SUCCEEDED
        : rule;
  }

  /** It stands in its slot, WAITING. A crash before this leaves it to the next start. */
  void added(long id, DependencyRule rule, long[] parents) {
    // No task is taken out of its slot meanwhile: see Dependencies.add.
    ends.whileStill(
        kept -> {
          dependencies.add(new Dependent(id, rule, parents));
          return null;
        });
    loop.wake();
  }
}
