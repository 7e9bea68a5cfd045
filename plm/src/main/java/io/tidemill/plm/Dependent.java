package io.tidemill.plm;

import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.TaskState;

/**
 * A task that waits for others, and what it knows of how they ended. Not safe for threads: {@link
 * Dependencies} guards it.
 */
final class Dependent {
  /** What is to become of it. */
  enum Verdict {
    WAITS,
    READY,
    CANCELLED
  }

  private final long id;
  private final DependencyRule rule;
  private final long[] parents;

  /** Null: has not ended. UNSPECIFIED: is not known any more. */
  private final TaskState[] ends;

  private int ended;
  private int succeeded;

  /** The first one that ended otherwise than it should have, -1: none has. */
  private int failed = -1;

  /**
   * @param parents each once
   */
  Dependent(long id, DependencyRule rule, long[] parents) {
    this.id = id;
    this.rule = rule;
    this.parents = parents;
    this.ends = new TaskState[parents.length];
  }

  long id() {
    return id;
  }

  /** The tasks that it waits for. Not to be changed. */
  long[] parents() {
    return parents;
  }

  /** Null: it had not ended. */
  TaskState end(int parent) {
    return ends[parent];
  }

  /** One of them has ended; a second time counts for nothing. */
  void ended(long parent, TaskState end) {
    for (int i = 0; i < parents.length; i++) {
      if (parents[i] == parent && ends[i] == null) {
        ends[i] = end;
        ended++;
        if (end == TaskState.TASK_STATE_SUCCEEDED) {
          succeeded++;
        } else if (failed < 0) {
          failed = i;
        }
      }
    }
  }

  Verdict verdict() {
    boolean all = ended == parents.length;
    return switch (rule) {
      case DEPENDENCY_RULE_ALL_ENDED -> all ? Verdict.READY : Verdict.WAITS;
      case DEPENDENCY_RULE_ANY_SUCCEEDED -> succeeded > 0 ? Verdict.READY : unless(all);
      default -> all && succeeded == ended ? Verdict.READY : unless(failed >= 0);
    };
  }

  private static Verdict unless(boolean lost) {
    return lost ? Verdict.CANCELLED : Verdict.WAITS;
  }

  /** Which one is why it is cancelled. */
  int culprit() {
    return failed;
  }
}
