package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.MissingSequences;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSalvage;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.journal.ScanResult.Flaw;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskId;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Everything that can still be read of one journal, and where it cannot. */
final class JournalCheckUp {
  private final Path folder;
  private final SubmissionDecoder submission = new SubmissionDecoder();
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private final AttemptDecoder attempt = new AttemptDecoder();
  private final DefinitionFold definitions = new DefinitionFold();
  private ScanResult result;
  private int highestEpoch;
  private long highestBefore;

  JournalCheckUp(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads it.
   *
   * @param live ids of tasks: those with a submission here are added, those with an outcome removed
   */
  void read(Set<Long> live) {
    try (JournalReader reader = Journals.read(folder)) {
      result = reader.salvage(record -> onRecord(record, live));
    }
  }

  private void onRecord(RecordView record, Set<Long> live) {
    switch (record.kind()) {
      case RecordKind.SUBMISSION -> {
        live.add(submission.wrap(record).taskId());
        saw(TaskId.epoch(submission.taskId()));
      }
      case RecordKind.OUTCOME -> {
        live.remove(outcome.wrap(record).taskId());
        saw(TaskId.leaseEpoch(outcome.lease()));
      }
      case RecordKind.ATTEMPT -> saw(TaskId.leaseEpoch(attempt.wrap(record).lease()));
      case RecordKind.DEFINITION -> definitions.read(record);
      default -> {
        // Of a later release; it is kept as it is.
      }
    }
  }

  private void saw(int epoch) {
    highestEpoch = Math.max(highestEpoch, epoch);
  }

  /** The highest number of the records before the first damage: they are all there. */
  long knownThrough() {
    if (isWhole()) {
      return Long.MAX_VALUE;
    }
    long from = result.damage().get(0).position();
    try (JournalReader reader = Journals.read(folder)) {
      reader.salvage(
          record -> {
            if (record.position() < from) {
              highestBefore = Math.max(highestBefore, record.sequence());
            }
          });
    }
    return highestBefore;
  }

  /** How many definitions hold by what can be read. */
  int definitions() {
    return definitions.live().size();
  }

  void count(MissingSequences missing) {
    try (JournalReader reader = Journals.read(folder)) {
      reader.salvage(record -> missing.found(record.sequence()));
    }
  }

  boolean isWhole() {
    return result.intact();
  }

  int highestEpoch() {
    return highestEpoch;
  }

  /** The first cycle that has to be written anew; 0: none. */
  int firstDamagedCycle() {
    return result.damage().stream()
        .mapToInt(flaw -> Position.cycle(flaw.position()))
        .min()
        .orElse(0);
  }

  RepairReport.JournalPart part() {
    List<RepairReport.Place> places = result.damage().stream().map(JournalCheckUp::place).toList();
    return new RepairReport.JournalPart(
        folder.getFileName().toString(),
        result.records(),
        result.cuts().size(),
        places,
        JournalSalvage.flawOfMark(folder).orElse(""),
        "");
  }

  private static RepairReport.Place place(Flaw flaw) {
    return new RepairReport.Place(flaw.file().toString(), flaw.offset(), flaw.what());
  }
}
