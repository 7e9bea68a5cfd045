package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TaskState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sound account, and for each figure a mutation of journal, slot or ledger that shows in that
 * figure.
 */
class AuditTest {
  private static final long MS = TestInstance.NOW;

  @TempDir Path temp;
  private TestInstance test;
  private final List<String> ledger = new ArrayList<>();
  private long ended;
  private long failed;
  private long pending;

  @BeforeEach
  void soundSystem() throws IOException {
    test = new TestInstance(temp.resolve("data"));
    ended = test.accept(0, 0);
    failed = test.accept(1, 0);
    pending = test.accept(2, 0);
    test.end(ended, TaskState.SUCCEEDED, MS + 5);
    test.end(failed, TaskState.FAILED, MS + 9);
    acknowledge(ended, failed, pending);
    tell(ended, "SUCCEEDED");
    tell(failed, "FAILED");
    ledger.add("S 3");
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void findsNothingWrongWithASoundSystem() throws IOException {
    Account account = audit();
    assertThat(account.isClean()).isTrue();
    assertThat(account.submitted()).isEqualTo(3);
    assertThat(account.accepted()).isEqualTo(3);
    assertThat(account.completed()).isEqualTo(2);
    assertThat(account.pending()).isEqualTo(1);
    assertThat(account.lost()).isZero();
    assertThat(account.recordedTwice()).isZero();
    assertThat(account.resultsWrong()).isZero();
    assertThat(account.resultsMissing()).isZero();
    assertThat(account.duplicated()).isZero();
    assertThat(account.unverifiable()).isZero();
    assertThat(account.longestStallMillis()).isEqualTo(5);
    assertThat(account.badLines()).isZero();
    assertThat(account.notes()).isEmpty();
  }

  @Test
  void findsATaskThatWasAcknowledgedAndNeverJournaled() throws IOException {
    acknowledge(test.idOf(50));
    assertLost(audit(), test.idOf(50));
  }

  @Test
  void findsATaskWhoseSlotWasFreedWithoutAnOutcome() throws IOException {
    test.vanish(pending);
    assertLost(audit(), pending);
  }

  @Test
  void findsATaskWithASlotAndNoSubmissionRecord() throws IOException {
    test.publish(3, 0);
    acknowledge(test.idOf(3));
    assertLost(audit(), test.idOf(3));
  }

  @Test
  void findsATaskWhoseSlotHoldsAnotherOne() throws IOException {
    test.regions().tasks().id(2, test.idOf(2) + (1L << 24));
    assertLost(audit(), pending);
  }

  private static void assertLost(Account account, long id) {
    assertThat(account.lost()).isEqualTo(1);
    assertThat(account.isClean()).isFalse();
    assertThat(account.examples().get("lost").get(0)).startsWith(String.format("%016x", id));
    assertThat(account.accepted())
        .isEqualTo(account.completed() + account.pending() + account.lost());
  }

  @Test
  void findsATaskWithTwoOutcomes() throws IOException {
    test.journalOutcome(ended, TaskState.SUCCEEDED, MS + 7);
    Account account = audit();
    assertThat(account.recordedTwice()).isEqualTo(1);
    assertThat(account.completed()).isEqualTo(2);
    assertThat(account.isClean()).isFalse();
  }

  @Test
  void countsAnOutcomeThatWasCarriedForwardOnce() throws IOException {
    assertThat(test.outcomes().reserve(1_000)).isTrue();
    RunWriter run = test.outcomes().begin();
    // The sequence that the outcome of the first task has.
    run.append(
        4, new OutcomeEncoder().task(ended, 1, (byte) TaskState.SUCCEEDED.number(), MS + 5, "w1"));
    run.commit();
    assertThat(audit().recordedTwice()).isZero();
  }

  @Test
  void findsAResultThatDiffersFromTheFirstOutcome() throws IOException {
    ledger.replaceAll(line -> line.replace("FAILED", "SUCCEEDED"));
    Account account = audit();
    assertThat(account.resultsWrong()).isEqualTo(1);
    assertThat(account.isClean()).isFalse();
    assertThat(account.examples().get("results_wrong").get(0))
        .contains("told=SUCCEEDED recorded=FAILED");
  }

  @Test
  void findsAResultThatWasToldInTwoWays() throws IOException {
    ledger.add(0, "R " + hex(ended) + " DEAD");
    assertThat(audit().resultsWrong()).isEqualTo(1);
  }

  @Test
  void findsAResultThatNoOutcomeStandsFor() throws IOException {
    tell(pending, "SUCCEEDED");
    assertThat(audit().resultsWrong()).isEqualTo(1);
  }

  @Test
  void findsAResultThatTheClientWasNotTold() throws IOException {
    ledger.removeIf(line -> line.startsWith("R " + hex(ended)));
    Account account = audit();
    assertThat(account.resultsMissing()).isEqualTo(1);
    assertThat(account.isClean()).as("the client may have left").isTrue();
  }

  @Test
  void findsASessionsNumberAcceptedTwice() throws IOException {
    test.journalSubmission(test.idOf(60), 0, 7, 2);
    test.journalSubmission(test.idOf(61), 0, 8, 2);
    Account account = audit();
    assertThat(account.duplicated()).isEqualTo(1);
    assertThat(account.isClean()).isFalse();
    assertThat(account.examples().get("duplicated").get(0)).startsWith(hex(test.idOf(60)));
  }

  @Test
  void findsARequestIdAcceptedTwice() throws IOException {
    for (int slot : new int[] {70, 71}) {
      test.append(
          test.submissions(),
          new SubmissionEncoder().task(test.idOf(slot), MS, "echo", 0).requestId("order 66"));
    }
    assertThat(audit().duplicated()).as("none of the ledger's").isZero();
    acknowledge(test.idOf(70));
    assertThat(audit().duplicated()).isEqualTo(1);
  }

  @Test
  void takesASubmissionCarriedForwardForTheSameTask() throws IOException {
    test.journalSubmission(pending, 0, 7, 2);
    assertThat(audit().duplicated()).isZero();
  }

  @Test
  void measuresTheLongestStallWhileTasksWereOutstanding() throws IOException {
    long late = test.accept(4, 0);
    test.end(late, TaskState.SUCCEEDED, MS + 4_009);
    acknowledge(late);
    assertThat(audit().longestStallMillis()).isEqualTo(4_000);
  }

  @Test
  void takesIdleTimeForNoStall() throws IOException {
    long later = test.idOf(40);
    test.append(test.submissions(), new SubmissionEncoder().task(later, MS + 90_000, "echo", 0));
    test.journalOutcome(later, TaskState.SUCCEEDED, MS + 90_003);
    acknowledge(later);
    assertThat(audit().longestStallMillis()).isEqualTo(5);
  }

  @Test
  void countsWhatWentWithOldCyclesAsUnverifiable() throws IOException {
    int next = 10;
    while (test.submissions().cycles().size() < 2) {
      test.append(
          test.submissions(),
          new SubmissionEncoder()
              .task(test.idOf(next), MS, "echo", 0)
              .payload(new byte[200_000], 0, 200_000));
      next++;
    }
    long kept = test.idOf(next - 1);
    test.journalOutcome(kept, TaskState.SUCCEEDED, MS + 10);
    test.journalSubmission(pending, 0, 7, 2);
    acknowledge(kept, test.idOf(999));
    tell(test.idOf(998), "SUCCEEDED");
    Account before = audit();
    assertThat(before.lost()).isEqualTo(1);
    assertThat(before.resultsWrong()).isEqualTo(1);
    assertThat(before.unverifiable()).isZero();

    test.submissions().deleteCyclesBefore(test.submissions().cycles().get(1).number());
    Account after = audit();
    assertThat(after.unverifiable()).isEqualTo(2);
    assertThat(after.lost()).isZero();
    assertThat(after.resultsWrong()).isZero();
    assertThat(after.pending()).as("its submission was carried forward").isEqualTo(1);
    assertThat(after.completed()).isEqualTo(3);
  }

  @Test
  void goesByTheJournalsWhenThereAreNoMappedFiles() throws IOException {
    test.vanish(pending);
    Files.delete(new DataDir(test.data(), "").mapped(Kind.TASKS));
    Account account = audit();
    assertThat(account.pending()).isEqualTo(1);
    assertThat(account.lost()).isZero();
    assertThat(account.notes().get(0)).contains("no instance here");
  }

  @Test
  void isNeverCleanWhenAJournalIsDamaged() throws IOException {
    Path file = test.outcomes().cycles().get(0).file();
    byte[] bytes = Files.readAllBytes(file);
    int at = indexOf(bytes, ended);
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      open.writeByte(bytes[at] ^ 1);
    }
    Account account = audit();
    assertThat(account.damage()).isNotEmpty();
    assertThat(account.isClean()).isFalse();
  }

  @Test
  void countsWhatADeadClientNeverSummedUp() throws IOException {
    ledger.removeIf(line -> line.startsWith("S"));
    assertThat(audit().submitted()).isEqualTo(3);
  }

  @Test
  void leavesOutACutLastLineAndCountsBadOnes() throws IOException {
    ledger.add(0, "A 00zz");
    ledger.add(0, "R " + hex(ended) + " MAYBE");
    Path file = temp.resolve("ledger");
    Files.writeString(file, String.join("\n", ledger) + "\nA " + hex(test.idOf(80)));
    Account account = Audit.run(test.data(), TestInstance.settings(test.data()), List.of(file));
    assertThat(account.accepted()).isEqualTo(3);
    assertThat(account.badLines()).isEqualTo(2);
  }

  @Test
  void addsUpSeveralLedgers() throws IOException {
    Path first = Files.write(temp.resolve("first"), ledger);
    Path second = Files.writeString(temp.resolve("second"), "A " + hex(test.idOf(90)) + "\nS 2\n");
    Account account =
        Audit.run(test.data(), TestInstance.settings(test.data()), List.of(first, second));
    assertThat(account.submitted()).isEqualTo(5);
    assertThat(account.accepted()).isEqualTo(4);
    assertThat(account.lost()).isEqualTo(1);
  }

  @Test
  void refusesWhatIsNoLedger() throws IOException {
    ledger.clear();
    ledger.add("once upon a time");
    assertThatThrownBy(this::audit)
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("this is no ledger");
  }

  private Account audit() throws IOException {
    Path file = Files.write(temp.resolve("ledger"), ledger);
    return Audit.run(test.data(), TestInstance.settings(test.data()), List.of(file));
  }

  private void acknowledge(long... ids) {
    for (long id : ids) {
      ledger.add("A " + hex(id));
    }
  }

  private void tell(long id, String state) {
    ledger.add("R " + hex(id) + " " + state);
  }

  private static String hex(long id) {
    return String.format("%016x", id);
  }

  private static int indexOf(byte[] bytes, long littleEndian) {
    for (int at = 0; at < bytes.length - 8; at++) {
      int same = 0;
      while (same < 8 && bytes[at + same] == (byte) (littleEndian >>> (8 * same))) {
        same++;
      }
      if (same == 8) {
        return at;
      }
    }
    throw new AssertionError("not in the file: " + littleEndian);
  }
}
