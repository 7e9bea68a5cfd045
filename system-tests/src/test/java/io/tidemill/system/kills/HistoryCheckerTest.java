package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.system.kills.Violation.Rule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories in which all is well, but for one thing: the checker names it. */
class HistoryCheckerTest {
  private static final String A = "000000000000000a";
  private static final String B = "000000000000000b";
  private static final long LEASE = (1L << 32) | 1;

  private final List<HistoryEvent> events = new ArrayList<>();
  private final List<Submission> submissions = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();

  @Test
  void findsNothingInAHistoryInWhichAllIsWell() {
    task(A, "a", 1, 0, 2_000);
    task(B, "b", 2, 0, 3_000);

    assertThat(broken()).isEmpty();
  }

  @Test
  void noticesATaskWithoutAResult() {
    task(A, "a", 1, 0, 2_000);
    outcomes.clear();

    assertThat(broken()).contains(Rule.LOST);
  }

  @Test
  void noticesTwoResultsOfATaskAndTakesNoneThatWasCarriedForwardForASecondOne() {
    task(A, "a", 1, 0, 2_000);
    outcomes.add(outcomes.get(0));
    assertThat(broken()).isEmpty();

    Outcome first = outcomes.get(0);
    outcomes.add(
        new Outcome(A, first.sequence() + 5, LEASE, "SUCCEEDED", first.text(), 2_000, 2_010));
    assertThat(broken()).containsExactly(Rule.DOUBLED);
  }

  @Test
  void noticesTwoTasksOfOneSubmission() {
    task(A, "a", 1, 0, 2_000);
    submissions.add(new Submission(B, 7, 0, "a"));

    assertThat(broken()).containsExactly(Rule.DOUBLED);
  }

  @Test
  void noticesAClientThatWasToldNothing() {
    task(A, "a", 1, 0, 2_000);
    events.removeIf(event -> event.kind() == Kind.TOLD);

    assertThat(broken()).containsExactly(Rule.NOT_TOLD);
  }

  @Test
  void noticesAClientThatWasToldAnothersResult() {
    task(A, "a", 1, 0, 2_000);
    task(B, "b", 2, 0, 3_000);
    saw(Kind.TOLD, "a", B, "SUCCEEDED", text(B, LEASE, "b"), "get");

    assertThat(broken()).containsExactly(Rule.TOLD_WRONG);
  }

  @Test
  void noticesAClientThatWasToldSomethingElseThanIsRecorded() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.TOLD, "a", A, "FAILED", "-", "get");

    assertThat(broken()).containsExactly(Rule.TOLD_WRONG);
  }

  @Test
  void noticesAResultOfALeaseThatWasNotTheNewest() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.STARTED, "worker-9", A, Long.toHexString(LEASE + 1));

    assertThat(broken()).containsExactly(Rule.STALE_TOKEN);
  }

  @Test
  void noticesAResultThatNobodyRan() {
    task(A, "a", 1, 0, 2_000);
    events.removeIf(event -> event.kind() == Kind.STARTED);

    assertThat(broken()).containsExactly(Rule.STALE_TOKEN);
  }

  @Test
  void noticesALeaseThatTwoProcessesRan() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.STARTED, "worker-9", A, Long.toHexString(LEASE));

    assertThat(broken()).containsExactly(Rule.LEASE_SHARED);
  }

  @Test
  void noticesAWorkerThatWasNotToldThatItsLeaseWasOver() {
    task(A, "a", 1, 0, 2_000);
    String older = Long.toHexString(LEASE - 1);
    saw(Kind.REPORTED, "worker-9", A, older);
    assertThat(broken()).containsExactly(Rule.NOT_FENCED);

    saw(Kind.REFUSED, "worker-9", A, older, "KIND_INVALID");
    assertThat(broken()).containsExactly(Rule.NOT_FENCED);

    saw(Kind.REFUSED, "worker-9", A, older, "KIND_SUPERSEDED");
    assertThat(broken()).isEmpty();
  }

  @Test
  void expectsNoWordFromAWorkerThatWasKilled() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.REPORTED, "worker-9", A, Long.toHexString(LEASE - 1));
    saw(Kind.KILLED, "worker-9");

    assertThat(broken()).isEmpty();
  }

  @Test
  void noticesAWorkerThatWasRefusedWhatIsRecorded() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.REFUSED, "worker-1", A, Long.toHexString(LEASE), "KIND_STALE");

    assertThat(broken()).containsExactly(Rule.NOT_FENCED);
  }

  @Test
  void noticesARetryThatGotAnotherTask() {
    task(A, "a", 1, 0, 2_000);
    saw(Kind.ACKNOWLEDGED, "a", B);

    assertThat(broken()).containsExactly(Rule.RETRY_DIFFERS);
  }

  @Test
  void noticesATaskThatWasAssignedBeforeABetterOneThatWaited() {
    task(A, "a", 1, 0, 2_000);
    task(B, "b", 2, 1, 3_000);
    assertThat(broken()).containsExactly(Rule.ORDER);
  }

  @Test
  void noticesATaskThatWasAssignedBeforeAnEarlierOneThatWaited() {
    task(A, "a", 1, 0, 3_000);
    task(B, "b", 2, 0, 2_000);
    assertThat(broken()).containsExactly(Rule.ORDER);
  }

  /**
   * Which priority a task had when another one was assigned is not known, only which it ever had.
   */
  @Test
  void blamesNoOrderThatAChangeOfPriorityMayExplain() {
    task(A, "a", 1, 0, 2_000);
    task(B, "b", 2, 1, 3_000);
    submissions.add(new Submission(A, 1, 5, "a"));
    saw(Kind.REORDERED, "a", A, "5");
    assertThat(broken()).isEmpty();

    submissions.clear();
    submissions.add(new Submission(A, 1, 0, "a"));
    submissions.add(new Submission(B, 2, 1, "b"));
    submissions.add(new Submission(B, 2, 3, "b"));
    assertThat(broken()).contains(Rule.ORDER);
  }

  @Test
  void noticesAChangeOfPriorityThatWasLost() {
    task(A, "a", 1, 0, 2_000);
    submissions.add(new Submission(A, 1, 5, "a"));
    submissions.add(new Submission(A, 1, 0, "a"));
    saw(Kind.REORDERED, "a", A, "5");
    assertThat(broken()).containsExactly(Rule.PRIORITY_LOST);
  }

  @Test
  void noticesASubmissionThatWasGivenUp() {
    saw(Kind.FAILED, "a", "no_end_in_time");

    assertThat(broken()).containsExactly(Rule.REFUSED);
  }

  @Test
  void readsWhatItWrites() {
    HistoryEvent event = HistoryEvent.parse("ACKNOWLEDGED 17 a " + A);
    assertThat(event).isEqualTo(new HistoryEvent(Kind.ACKNOWLEDGED, 17, List.of("a", A)));
  }

  /** Acknowledged at 1,000, assigned once, run, recorded and told. */
  private void task(String task, String key, long sequence, int priority, long assigned) {
    submissions.add(new Submission(task, sequence, priority, key));
    String text = text(task, LEASE, key);
    outcomes.add(
        new Outcome(task, 100 + sequence, LEASE, "SUCCEEDED", text, assigned, assigned + 10));
    saw(Kind.ACKNOWLEDGED, key, task);
    saw(Kind.STARTED, "worker-1", task, Long.toHexString(LEASE));
    saw(Kind.REPORTED, "worker-1", task, Long.toHexString(LEASE));
    saw(Kind.TOLD, key, task, "SUCCEEDED", text, "wait");
  }

  private static String text(String task, long lease, String key) {
    return Job.result(task, lease, "worker-1", key);
  }

  private void saw(Kind kind, String... words) {
    events.add(new HistoryEvent(kind, 1_000, List.of(words)));
  }

  private List<Rule> broken() {
    return HistoryChecker.check(new History(events), new Journaled(submissions, outcomes)).stream()
        .map(Violation::rule)
        .distinct()
        .toList();
  }
}
