package io.tidemill.system.kills;

import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordVisitor;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the journals say, read past the servers. */
record Journaled(List<Submission> submissions, List<Outcome> outcomes) {
  /**
   * An accepted task.
   *
   * @param key that its client gave it in the payload
   */
  record Submission(String task, long sequence, int priority, String key) {}

  /**
   * A recorded end.
   *
   * @param sequence the same for a record that was carried forward into a later cycle
   * @param assignedMillis when the lease was given
   */
  record Outcome(
      String task,
      long sequence,
      long lease,
      String state,
      String text,
      long assignedMillis,
      long endedMillis) {}

  /** While nothing is written. */
  static Journaled read(Path data) {
    DataDir dir = new DataDir(data, "");
    Journaled all = new Journaled(new ArrayList<>(), new ArrayList<>());
    SubmissionDecoder submission = new SubmissionDecoder();
    scan(
        dir.submissions(),
        record -> {
          if (record.kind() == RecordKind.SUBMISSION) {
            submission.wrap(record);
            all.submissions.add(
                new Submission(
                    TaskIds.format(submission.taskId()),
                    record.sequence(),
                    submission.priority(),
                    Job.keyOf(new String(submission.payloadBytes(), StandardCharsets.UTF_8))));
          }
        });
    OutcomeDecoder outcome = new OutcomeDecoder();
    scan(
        dir.outcomes(),
        record -> {
          if (record.kind() == RecordKind.OUTCOME) {
            all.outcomes.add(outcome(outcome.wrap(record), record.sequence()));
          }
        });
    return all;
  }

  private static Outcome outcome(OutcomeDecoder outcome, long sequence) {
    TaskState end = TaskState.endOf(outcome.state());
    return new Outcome(
        TaskIds.format(outcome.taskId()),
        sequence,
        outcome.lease(),
        end == null ? "UNKNOWN" : end.name(),
        new String(outcome.resultBytes(), StandardCharsets.UTF_8),
        outcome.assignedMillis(),
        outcome.endedMillis());
  }

  private static void scan(Path folder, RecordVisitor visitor) {
    try (JournalReader journal = Journals.read(folder)) {
      var result = journal.scan(Position.NONE, visitor);
      if (!result.damage().isEmpty()) {
        throw new AssertionError("a journal is damaged: " + result.damage());
      }
    }
  }
}
