package io.tidemill.system.kills;

import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Holds what the workers wrote down against what was asked for and what is recorded. Times are of
 * the monotonic clock, which all processes of the host share, and are compared only where one event
 * has to come before the other: nothing depends on the machine's speed.
 *
 * <p>Where runs of different tasks may not overlap, only those count whose lease was theirs to the
 * end: a handler whose lease was taken back goes on for a while, and the next one may run by then.
 */
final class FeatureChecks {
  /** The steps of the clocks that are compared. */
  private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Map<String, Submitted> byName = new LinkedHashMap<>();
  private final Map<String, Submitted> byTask = new HashMap<>();
  private final Map<String, List<Run>> runs = new HashMap<>();
  private final Map<String, Outcome> outcomes = new HashMap<>();
  private final List<Run> counting = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();

  FeatureChecks(Collection<Submitted> submitted, List<Run> all, Journaled journaled) {
    for (Submitted each : submitted) {
      byName.put(each.name(), each);
      if (byTask.put(each.task(), each) != null) {
        found("two submissions are one task", each);
      }
    }
    all.forEach(run -> runs.computeIfAbsent(run.task(), task -> new ArrayList<>()).add(run));
    readOutcomes(journaled);
    all.stream().filter(this::wasItsToTheEnd).forEach(counting::add);
  }

  List<String> violations() {
    return violations;
  }

  private void found(String what, Object... which) {
    violations.add(what + ": " + List.of(which));
  }

  private void readOutcomes(Journaled journaled) {
    for (Outcome outcome : journaled.outcomes()) {
      Outcome before = outcomes.putIfAbsent(outcome.task(), outcome);
      if (before != null && before.sequence() != outcome.sequence()) {
        found("two results of one task", before, outcome);
      }
    }
  }

  /** It is the one that was recorded, or its failure was. */
  private boolean wasItsToTheEnd(Run run) {
    Outcome outcome = outcomes.get(run.task());
    return (outcome != null && outcome.lease() == run.lease())
        || runs.get(run.task()).stream().anyMatch(other -> other.attempt() > run.attempt());
  }

  private List<Run> runs(Submitted task) {
    return runs.getOrDefault(task.task(), List.of());
  }

  private void each(Predicate<TaskSpec> which, java.util.function.Consumer<Submitted> check) {
    byName.values().stream().filter(task -> which.test(task.spec())).forEach(check);
  }

  /**
   * Every accepted task has one recorded end, which is the right one, and every submission one
   * task.
   */
  void ends(Journaled journaled) {
    for (Submitted each : byName.values()) {
      Outcome outcome = outcomes.get(each.task());
      String end = each.end().name().replace("TASK_STATE_", "");
      if (outcome == null || !outcome.state().equals(end)) {
        found("another end than " + end, each, String.valueOf(outcome));
      } else if (each.end() == TaskState.TASK_STATE_SUCCEEDED
          && !outcome.text().startsWith(each.task() + ":" + Long.toHexString(outcome.lease()))) {
        found("the result is not of its last lease", each, outcome);
      }
    }
    Map<String, String> tasks = new HashMap<>();
    journaled
        .submissions()
        .forEach(
            record -> {
              String before = tasks.putIfAbsent(record.key(), record.task());
              if (byName.containsKey(record.key())
                  && !record.task().equals(byName.get(record.key()).task())) {
                found("a submission that nobody was told of", record, String.valueOf(before));
              }
            });
  }

  /**
   * Nothing ran before its delay was over, its moment had come, or its wait between attempts was
   * over.
   */
  void times() {
    each(
        spec -> spec.getDelayMs() > 0,
        task ->
            noneBegan(
                "before its delay was over",
                task,
                run -> run.beganNanos() < task.beforeNanos() + nanos(task.spec().getDelayMs())));
    each(
        spec -> spec.getRunAtMs() > 0,
        task ->
            noneBegan(
                "before its moment", task, run -> run.beganMillis() < task.spec().getRunAtMs()));
    each(TaskSpec::hasRetry, this::waits);
  }

  private void noneBegan(String when, Submitted task, Predicate<Run> wrong) {
    runs(task).stream().filter(wrong).forEach(run -> found("it ran " + when, task, run));
  }

  /** The wait after an attempt that another one followed. */
  private void waits(Submitted task) {
    Run before = null;
    for (Run run : runs(task)) {
      if (before != null
          && run.attempt() > before.attempt()
          && run.beganNanos()
              < before.endedNanos() + nanos(task.spec().getRetry().getInitialMs()) - SLACK_NANOS) {
        found("it was tried again before its wait was over", task, before, run);
      }
      before = run;
    }
  }

  /** None of a queue's tasks ran before this. */
  void heldUntil(String queue, long resumedNanos) {
    each(
        spec -> spec.getQueue().equals(queue),
        task ->
            noneBegan("while its queue was paused", task, run -> run.beganNanos() < resumedNanos));
  }

  /** At no time did more tasks of a key run than its limit says. */
  void keyLimit(String key, int most) {
    List<Run> of = runsOf(task -> task.spec().getKey().equals(key));
    overlap("more tasks of " + key + " than " + most, of, run -> 1, most);
  }

  /** At no time did the tasks at a worker need more of an amount than it has. */
  void amounts(String worker, String amount, long has) {
    List<Run> there =
        runsOf(task -> true).stream().filter(run -> run.worker().equals(worker)).toList();
    overlap(
        "more " + amount + " at " + worker + " than " + has,
        there,
        run -> byTask.get(run.task()).spec().getAmountsOrDefault(amount, 0),
        has);
  }

  private List<Run> runsOf(Predicate<Submitted> which) {
    return counting.stream()
        .filter(run -> byTask.containsKey(run.task()) && which.test(byTask.get(run.task())))
        .toList();
  }

  /** What ran together is the most at one of the beginnings. */
  private void overlap(String what, List<Run> of, ToLongFunction<Run> each, long most) {
    for (Run begins : of) {
      List<Run> together = of.stream().filter(run -> run.overlaps(begins.beganNanos())).toList();
      if (together.stream().mapToLong(each).sum() > most) {
        found(what, together);
        return;
      }
    }
  }

  /** What requires a label ran only where it is. */
  void labels(String worker, String label, String value) {
    each(
        spec -> !value.equals(spec.getLabelsOrDefault(label, value)),
        task ->
            noneBegan(
                "at " + worker + ", which lacks its label",
                task,
                run -> run.worker().equals(worker)));
  }

  /** A task that waits for others ran after they had ended, and was told how. */
  void dependents() {
    for (Submitted child : byName.values()) {
      List<Submitted> parents = child.parents().stream().map(byName::get).toList();
      for (Run run : runs(child)) {
        parents.forEach(parent -> checkParent(child, run, parent));
        long succeeded =
            parents.stream().filter(p -> p.end() == TaskState.TASK_STATE_SUCCEEDED).count();
        if (run.parents() != succeeded) {
          found("it was told of other ends than those", child, run, parents);
        }
      }
    }
  }

  private void checkParent(Submitted child, Run run, Submitted parent) {
    Outcome outcome = outcomes.get(parent.task());
    boolean after =
        outcome != null
            && runs(parent).stream()
                .anyMatch(
                    of -> of.lease() == outcome.lease() && of.endedNanos() < run.beganNanos());
    if (!after) {
      found("it ran before a task that it waits for had ended", child, run, parent);
    }
  }

  /**
   * What had to start in time and was taken by nobody did not run; what had a deadline ran up to
   * it.
   */
  void deadlines() {
    each(
        spec -> spec.getStartWithinMs() > 0,
        task -> {
          if (task.end() == TaskState.TASK_STATE_EXPIRED) {
            noneBegan("though nobody takes it", task, run -> true);
          }
        });
    each(
        spec -> spec.getDeadlineMs() > 0,
        task ->
            runs(task).stream()
                .filter(
                    run ->
                        run.endedNanos() < task.beforeNanos() + nanos(task.spec().getDeadlineMs()))
                .forEach(run -> found("it was stopped before its deadline", task, run)));
  }

  /** Each occurrence from the first to the last, a step apart, has one task, which ended once. */
  void occurrences(Map<Long, Set<String>> tasks, long stepMillis) {
    long next = -1;
    for (Map.Entry<Long, Set<String>> each : tasks.entrySet()) {
      if (next != -1 && each.getKey() != next) {
        found("occurrences are missing", next, each.getKey());
      }
      next = each.getKey() + stepMillis;
      if (each.getValue().size() != 1) {
        found("an occurrence has not one task", each);
      }
      for (String task : each.getValue()) {
        if (outcomes.get(task) == null) {
          found("an occurrence's task has no end", each);
        }
      }
    }
  }

  /** How many tasks of a queue had begun, for the first time, when the last one of another had. */
  long begunUntilLastOf(String queue, String other) {
    long last = firstBeginnings(other).stream().mapToLong(nanos -> nanos).max().orElse(0);
    return firstBeginnings(queue).stream().filter(nanos -> nanos <= last).count();
  }

  private List<Long> firstBeginnings(String queue) {
    Set<String> seen = new HashSet<>();
    List<Long> first = new ArrayList<>();
    byName.values().stream()
        .filter(task -> task.spec().getQueue().equals(queue) && seen.add(task.task()))
        .flatMap(task -> runs(task).stream().limit(1))
        .forEach(run -> first.add(run.beganNanos()));
    return first;
  }

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
