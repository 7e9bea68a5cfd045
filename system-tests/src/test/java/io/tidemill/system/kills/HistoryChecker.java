package io.tidemill.system.kills;

import io.tidemill.shm.region.TaskId;
import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.system.kills.Violation.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what clients and workers saw against the journals. Nothing may be under way any more. */
final class HistoryChecker {
  /**
   * Times of the wall clock are compared with times that a server took from its monotonic one; a
   * task that was acknowledged so long before another one's assignment was waiting then.
   */
  static final long SLACK_MILLIS = 100;

  private final History history;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Submission> submissions = new HashMap<>();

  /** The lowest and the highest priority that each task ever had. */
  private final Map<String, int[]> priorities = new HashMap<>();

  private final Map<String, Outcome> outcomes = new HashMap<>();

  /** The task of each acknowledged key. */
  private final Map<String, String> tasks = new LinkedHashMap<>();

  /** When each task was first acknowledged. */
  private final Map<String, Long> acknowledgedMillis = new HashMap<>();

  private HistoryChecker(History history) {
    this.history = history;
  }

  static List<Violation> check(History history, Journaled journaled) {
    HistoryChecker checker = new HistoryChecker(history);
    checker.acknowledgements();
    checker.submissions(journaled);
    checker.outcomes(journaled);
    checker.told();
    checker.leases();
    checker.fenced();
    checker.order();
    checker.priorities();
    history.of(Kind.FAILED).forEach(event -> checker.found(Rule.REFUSED, event.words().toString()));
    return checker.violations;
  }

  /** How many acknowledged tasks a history has. */
  static long acknowledged(History history) {
    return history.of(Kind.ACKNOWLEDGED).map(event -> event.word(1)).distinct().count();
  }

  private void found(Rule rule, String what) {
    violations.add(new Violation(rule, what));
  }

  private void acknowledgements() {
    history
        .of(Kind.ACKNOWLEDGED)
        .forEach(
            ack -> {
              String key = ack.word(0);
              String task = ack.word(1);
              String before = tasks.putIfAbsent(key, task);
              if (before != null && !before.equals(task)) {
                found(Rule.RETRY_DIFFERS, key + " is " + before + " and " + task);
              }
              acknowledgedMillis.merge(task, ack.millis(), Math::min);
            });
  }

  private void submissions(Journaled journaled) {
    Map<String, String> byKey = new HashMap<>();
    for (Submission submission : journaled.submissions()) {
      submissions.put(submission.task(), submission);
      int priority = submission.priority();
      int[] range =
          priorities.computeIfAbsent(submission.task(), t -> new int[] {priority, priority});
      range[0] = Math.min(range[0], priority);
      range[1] = Math.max(range[1], priority);
      String before = byKey.putIfAbsent(submission.key(), submission.task());
      if (before != null && !before.equals(submission.task())) {
        found(Rule.DOUBLED, submission.key() + " is " + before + " and " + submission.task());
      }
    }
  }

  private void outcomes(Journaled journaled) {
    for (Outcome outcome : journaled.outcomes()) {
      Outcome before = outcomes.putIfAbsent(outcome.task(), outcome);
      if (before != null && before.sequence() != outcome.sequence()) {
        found(Rule.DOUBLED, "two results: " + before + " and " + outcome);
      }
    }
    tasks.forEach(
        (key, task) -> {
          if (!outcomes.containsKey(task)) {
            found(Rule.LOST, key + " is " + task + ", and has no result");
          }
        });
  }

  private void told() {
    Set<String> told = new HashSet<>();
    history
        .of(Kind.TOLD)
        .forEach(
            event -> {
              told.add(event.word(0));
              checkTold(event);
            });
    tasks.keySet().stream()
        .filter(key -> !told.contains(key))
        .forEach(key -> found(Rule.NOT_TOLD, key + " is " + tasks.get(key)));
  }

  private void checkTold(HistoryEvent told) {
    String key = told.word(0);
    Outcome outcome = outcomes.get(told.word(1));
    boolean right =
        outcome != null
            && told.word(1).equals(tasks.getOrDefault(key, told.word(1)))
            && outcome.state().equals(told.word(2))
            && outcome.text().equals(told.word(3))
            && outcome.text().startsWith(outcome.task() + ":")
            && outcome.text().endsWith(":" + key);
    if (!right) {
      found(Rule.TOLD_WRONG, told.words() + " and recorded is " + outcome);
    }
  }

  private void leases() {
    Map<String, String> runners = new HashMap<>();
    Map<String, Long> newest = new HashMap<>();
    history
        .of(Kind.STARTED)
        .forEach(
            start -> {
              String lease = start.word(1) + " " + start.word(2);
              String before = runners.putIfAbsent(lease, start.word(0));
              if (before != null && !before.equals(start.word(0))) {
                found(Rule.LEASE_SHARED, lease + " at " + before + " and " + start.word(0));
              }
              newest.merge(start.word(1), lease(start), HistoryChecker::later);
            });
    for (String task : tasks.values()) {
      Outcome outcome = outcomes.get(task);
      if (outcome != null) {
        checkToken(outcome, newest.get(task), runners);
      }
    }
  }

  private void checkToken(Outcome outcome, Long newest, Map<String, String> runners) {
    String lease = Long.toHexString(outcome.lease());
    boolean ran = runners.containsKey(outcome.task() + " " + lease);
    boolean says = outcome.text().startsWith(outcome.task() + ":" + lease + ":");
    if (newest == null || newest != outcome.lease() || !ran || !says) {
      found(Rule.STALE_TOKEN, outcome + " and the newest lease that ran is " + newest);
    }
  }

  private static long lease(HistoryEvent event) {
    return Long.parseUnsignedLong(event.word(2), 16);
  }

  private static long later(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private void fenced() {
    Set<String> killed = new HashSet<>();
    history.of(Kind.KILLED).forEach(event -> killed.add(event.word(0)));
    Set<String> refused = new HashSet<>();
    history
        .of(Kind.REFUSED)
        .filter(event -> event.word(3).endsWith("SUPERSEDED") || event.word(3).endsWith("STALE"))
        .forEach(event -> refused.add(report(event)));
    history
        .of(Kind.REPORTED)
        .filter(event -> outcomes.containsKey(event.word(1)) && !killed.contains(event.word(0)))
        .forEach(event -> checkVerdict(event, refused.contains(report(event))));
  }

  private static String report(HistoryEvent event) {
    return event.word(0) + " " + event.word(1) + " " + event.word(2);
  }

  private void checkVerdict(HistoryEvent report, boolean refused) {
    boolean recorded = outcomes.get(report.word(1)).lease() == lease(report);
    if (recorded == refused) {
      found(Rule.NOT_FENCED, report.words() + (refused ? " was refused" : " was not refused"));
    }
  }

  /**
   * Of those with one lease in all: what was acknowledged before another one was assigned, and was
   * assigned later, was waiting then.
   */
  private void order() {
    List<Outcome> assigned =
        tasks.values().stream()
            .distinct()
            .map(outcomes::get)
            .filter(outcome -> outcome != null && outcome.assignedMillis() != 0)
            .toList();
    for (Outcome waiting : assigned) {
      if (TaskId.leaseNumber(waiting.lease()) == 1) {
        assigned.forEach(first -> checkOrder(first, waiting));
      }
    }
  }

  private void checkOrder(Outcome first, Outcome waiting) {
    boolean waited =
        acknowledgedMillis.get(waiting.task()) + SLACK_MILLIS < first.assignedMillis()
            && first.assignedMillis() + SLACK_MILLIS < waiting.assignedMillis();
    if (waited && wasBetter(submissions.get(waiting.task()), submissions.get(first.task()))) {
      found(Rule.ORDER, first.task() + " was assigned before " + waiting.task());
    }
  }

  /** Whatever both priorities were at that moment, if they were changed. */
  private boolean wasBetter(Submission a, Submission b) {
    if (a == null || b == null) {
      return false;
    }
    int lowest = priorities.get(a.task())[0];
    int highest = priorities.get(b.task())[1];
    return lowest > highest || (lowest == highest && a.sequence() < b.sequence());
  }

  /** Each task's priority is changed once, so what was acknowledged is the last word. */
  private void priorities() {
    history
        .of(Kind.REORDERED)
        .forEach(
            event -> {
              Submission last = submissions.get(event.word(1));
              // Of one that is not there any more nothing is said.
              if (last != null && last.priority() != Integer.parseInt(event.word(2))) {
                found(Rule.PRIORITY_LOST, event.words() + " and recorded is " + last);
              }
            });
  }
}
