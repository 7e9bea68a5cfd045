package io.tidemill.shm.inspect;

import io.tidemill.shm.inspect.InstanceReport.JournalState;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.ScanResult;
import java.nio.file.Path;
import java.util.List;

/** Goes through both journals, checking every record. */
final class JournalSurvey {
  private long lastPosition;
  private long lastSequence;

  private JournalSurvey() {}

  /**
   * @param definitions takes those of the submissions
   */
  static List<JournalState> survey(DataDir dir, DefinitionFold definitions, Findings findings) {
    return List.of(
        new JournalSurvey().survey("submissions", dir.submissions(), definitions, findings),
        new JournalSurvey().survey("outcomes", dir.outcomes(), new DefinitionFold(), findings));
  }

  private JournalState survey(
      String name, Path folder, DefinitionFold definitions, Findings findings) {
    try (JournalReader reader = Journals.read(folder)) {
      ScanResult result =
          reader.scan(
              Position.NONE,
              record -> {
                lastPosition = record.position();
                lastSequence = record.sequence();
                if (record.kind() == RecordKind.DEFINITION) {
                  definitions.read(record);
                }
              });
      result
          .damage()
          .forEach(flaw -> findings.add("journal_damage", "a journal is damaged: " + flaw));
      result
          .cuts()
          .forEach(
              flaw -> findings.add("journal_cut", "a crash left a tail that readers cut: " + flaw));
      List<Cycle> cycles = reader.cycles();
      return new JournalState(
          name,
          cycles.size(),
          cycles.isEmpty() ? 0 : cycles.get(0).number(),
          cycles.stream().mapToLong(Cycle::diskBytes).sum(),
          result.records(),
          lastSequence,
          lastPosition == Position.NONE ? "" : Position.format(lastPosition));
    }
  }
}
