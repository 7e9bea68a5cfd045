package io.tidemill.sim;

import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether the slots of live tasks say what the last record of each says, as they have to once a PLM
 * has started: a rebuild goes by the records.
 */
final class SlotChecks {
  private record Last(long position, int priority) {}

  private SlotChecks() {}

  static List<String> wrongIn(TaskTable tasks, SimDisk disk) {
    Map<Long, Last> last = new HashMap<>();
    try (JournalReader submitted = disk.submissions().reader()) {
      submitted.scan(
          0,
          record -> {
            if (record.kind() == RecordKind.SUBMISSION) {
              SubmissionDecoder submission = new SubmissionDecoder().wrap(record);
              last.put(submission.taskId(), new Last(record.position(), submission.priority()));
            }
          });
    }
    List<String> wrong = new ArrayList<>();
    last.forEach(
        (id, record) -> {
          Last slot = inSlot(tasks, id);
          if (slot != null && !slot.equals(record)) {
            wrong.add(
                "a slot does not say what the last record does: task="
                    + Long.toHexString(id)
                    + " slot="
                    + slot
                    + " record="
                    + record);
          }
        });
    return wrong;
  }

  private static Last inSlot(TaskTable tasks, long id) {
    long word = tasks.wordOf(id);
    if (word == -1 || !StateWord.state(word).isLive()) {
      return null;
    }
    int slot = TaskId.slot(id);
    return new Last(tasks.submission(slot), tasks.priority(slot));
  }
}
