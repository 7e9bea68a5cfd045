package io.tidemill.system.kills;

import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.system.kills.UniqueLoad.Answer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was answered to submissions with unique keys, held against the journals, whose records are
 * numbered over both of them: one that is behind a task's outcome was accepted after its end. Times
 * are of the monotonic clock, and compared only where one event has to come before the other.
 */
final class UniqueChecks {
  /** The steps of the clocks that are compared. */
  private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Map<String, List<Submission>> byKey = new HashMap<>();
  private final Map<String, Submission> byTask = new HashMap<>();
  private final Map<String, Outcome> outcomes = new HashMap<>();
  private final Map<String, Run> lastRuns = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  UniqueChecks(Collection<Run> runs, Journaled journaled) {
    // Carried forward records come twice.
    Map<String, Submission> tasks =
        journaled.submissions().stream()
            .collect(
                Collectors.toMap(
                    Submission::task, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    tasks.values().stream()
        .sorted(Comparator.comparingLong(Submission::sequence))
        .forEach(
            task ->
                byKey
                    .computeIfAbsent(UniqueKey.nameOf(task.key()), key -> new ArrayList<>())
                    .add(task));
    byTask.putAll(tasks);
    journaled.outcomes().forEach(outcome -> outcomes.putIfAbsent(outcome.task(), outcome));
    runs.forEach(run -> lastRuns.put(run.task(), run));
  }

  List<String> violations() {
    return violations;
  }

  private void found(String what, Object... which) {
    violations.add(what + ": " + List.of(which));
  }

  private List<Submission> tasks(UniqueKey key) {
    return byKey.getOrDefault(key.name(), List.of());
  }

  /** How many tasks were accepted with a key. */
  int count(UniqueKey key) {
    return tasks(key).size();
  }

  /** Whoever submitted them, and whether anybody was told of them or not. */
  void oneAtATime() {
    for (UniqueKey key : UniqueKey.ALL) {
      Submission before = null;
      for (Submission task : tasks(key)) {
        if (before != null && !key.untilStart()) {
          Outcome end = outcomes.get(before.task());
          if (end == null || end.sequence() > task.sequence()) {
            found("two live tasks have one key", key, before, task);
          }
        }
        before = task;
      }
    }
  }

  /** Nobody got a task of his own before the time after the last one's end was over. */
  void heldAfterTheEnd(Collection<Answer> answers) {
    Map<String, Answer> makers =
        answers.stream()
            .filter(Answer::made)
            .collect(Collectors.toMap(Answer::task, Function.identity(), (a, b) -> a));
    for (UniqueKey key : UniqueKey.ALL) {
      Submission before = null;
      for (Submission task : tasks(key)) {
        Answer made = makers.get(task.task());
        Run ended = before == null ? null : lastRuns.get(before.task());
        if (ended != null
            && made != null
            && key.forMillis() > 0
            && made.answeredNanos() < ended.endedNanos() + nanos(key) - SLACK_NANOS) {
          found("a key was free too early after an end", key, ended, made);
        }
        before = task;
      }
    }
  }

  /** As long as the queue of these was paused, each of their keys had one task. */
  void oneWhilePaused(String queue, Collection<Answer> answers, long resumedNanos) {
    for (UniqueKey key : UniqueKey.ALL) {
      List<Answer> meanwhile =
          answers.stream()
              .filter(answer -> answer.key().equals(key.name()))
              .filter(answer -> answer.answeredNanos() < resumedNanos)
              .toList();
      if (key.queue().equals(queue)
          && meanwhile.stream().map(Answer::task).distinct().count() > 1) {
        found("two tasks that wait have one key", key, meanwhile);
      }
    }
  }

  /** The task of an answer has the key, and held it at some moment between question and answer. */
  void holdersAreNamed(Collection<Answer> answers, Map<String, Long> endsTold) {
    Map<String, UniqueKey> keys =
        UniqueKey.ALL.stream().collect(Collectors.toMap(UniqueKey::name, Function.identity()));
    for (Answer answer : answers) {
      UniqueKey key = keys.get(answer.key());
      Submission named = byTask.get(answer.task());
      if (named == null || !UniqueKey.nameOf(named.key()).equals(key.name())) {
        found("a task was named that has another key, or none", answer, String.valueOf(named));
      } else if (answer.askedNanos() > freeSince(key, answer.task(), endsTold)) {
        found("a task was named that held its key no more", answer);
      }
    }
  }

  /** From when on a task surely holds its key no more. */
  private long freeSince(UniqueKey key, String task, Map<String, Long> endsTold) {
    Long told = endsTold.get(task);
    Run last = lastRuns.get(task);
    if (key.untilStart() && last != null) {
      return last.beganNanos();
    }
    return told == null ? Long.MAX_VALUE : told + nanos(key) + SLACK_NANOS;
  }

  private static long nanos(UniqueKey key) {
    return TimeUnit.MILLISECONDS.toNanos(key.forMillis());
  }
}
