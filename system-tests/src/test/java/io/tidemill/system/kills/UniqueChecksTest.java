package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.system.kills.UniqueLoad.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Histories in which all is well with unique keys, but for one thing: the checks name it. */
class UniqueChecksTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final List<Submission> submissions = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Run> runs = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final Map<String, Long> told = new HashMap<>();

  /** One task after the other with each of these keys, at 0 to 10 and 5,000 to 5,010 ms. */
  @BeforeEach
  void allIsWell() {
    for (String key : List.of("end-a", "start", "long")) {
      task(key, key + "-1", 1, 0);
      task(key, key + "-2", 3, 5_000);
    }
    answered("end-a", "end-a-1", 5);
    answered("start", "start-2", 5_001);
    answered("long", "long-1", 2_000);
    assertThat(found()).isEmpty();
  }

  @Test
  void noticesTwoLiveTasksWithOneKey() {
    task("end-a", "end-a-3", 4, 5_020);
    outcomes.removeIf(outcome -> outcome.task().equals("end-a-2"));
    outcomes.add(outcome("end-a-2", 9));
    assertThat(found()).hasSize(1).first().asString().startsWith("two live tasks");
  }

  @Test
  void noticesATaskThatWasAcceptedWhileTheOneBeforeHasNoEnd() {
    outcomes.removeIf(outcome -> outcome.task().equals("end-a-1"));
    assertThat(found()).hasSize(1).first().asString().startsWith("two live tasks");
  }

  @Test
  void noticesAKeyThatWasFreeTooEarlyAfterAnEnd() {
    task("long", "long-3", 5, 5_500);
    assertThat(found()).hasSize(1).first().asString().startsWith("a key was free too early");
  }

  @Test
  void noticesATaskThatWasNamedAndHasAnotherKey() {
    answered("end-a", "start-1", 1);
    answered("end-a", "nobody", 1);
    assertThat(found()).hasSize(2).allMatch(each -> each.startsWith("a task was named that has"));
  }

  @Test
  void noticesATaskThatWasNamedAndHeldItsKeyNoMore() {
    answered("end-a", "end-a-1", 100);
    answered("start", "start-1", 3);
    answered("long", "long-1", 4_000);
    assertThat(found()).hasSize(3).allMatch(each -> each.startsWith("a task was named that held"));
  }

  @Test
  void noticesTwoTasksWithOneKeyInAPausedQueue() {
    answers.add(new Answer("start-held", "a", true, 0, 1));
    answers.add(new Answer("start-held", "a", false, 2, 3));
    assertThat(whilePaused(10)).isEmpty();
    answers.add(new Answer("start-held", "b", true, 11, 12));
    assertThat(whilePaused(10)).isEmpty();
    assertThat(whilePaused(20)).hasSize(1);
  }

  private void task(String key, String task, long sequence, long began) {
    submissions.add(new Submission(task, sequence, 0, key + ":" + task));
    outcomes.add(outcome(task, sequence + 1));
    runs.add(new Run("w", task, 1, 1, (began + 1) * MILLI, (began + 10) * MILLI, 0, 0));
    told.put(task, (began + 20) * MILLI);
    answers.add(new Answer(key, task, true, began * MILLI, began * MILLI));
  }

  private static Outcome outcome(String task, long sequence) {
    return new Outcome(task, sequence, 1, "SUCCEEDED", "", 0, 0);
  }

  private void answered(String key, String task, long asked) {
    answers.add(new Answer(key, task, false, asked * MILLI, asked * MILLI));
  }

  private UniqueChecks checks() {
    return new UniqueChecks(runs, new Journaled(submissions, outcomes));
  }

  private List<String> found() {
    UniqueChecks checks = checks();
    checks.oneAtATime();
    checks.heldAfterTheEnd(answers);
    checks.holdersAreNamed(answers, told);
    return checks.violations();
  }

  private List<String> whilePaused(long resumed) {
    UniqueChecks checks = checks();
    checks.oneWhilePaused(UniqueKey.HELD, answers, resumed);
    return checks.violations();
  }
}
