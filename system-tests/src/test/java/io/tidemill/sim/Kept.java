package io.tidemill.sim;

import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What the journals still have after the power failed. */
final class Kept {
  private final Set<Long> tasks = new HashSet<>();
  private final Map<Integer, Long> latestInSlot = new HashMap<>();
  private final Set<Long> outcomes = new HashSet<>();

  private Kept() {}

  static Kept on(SimDisk disk) {
    Kept kept = new Kept();
    try (JournalReader submitted = disk.submissions().reader();
        JournalReader recorded = disk.outcomes().reader()) {
      submitted.scan(
          0,
          record -> {
            if (record.kind() == RecordKind.SUBMISSION) {
              kept.onTask(new SubmissionDecoder().wrap(record).taskId());
            }
          });
      recorded.scan(
          0,
          record -> {
            if (record.kind() == RecordKind.OUTCOME) {
              kept.outcomes.add(new OutcomeDecoder().wrap(record).taskId());
            }
          });
    }
    return kept;
  }

  private void onTask(long id) {
    tasks.add(id);
    latestInSlot.put(TaskId.slot(id), id);
  }

  /** Of the newest task; -1: there is none. */
  int lastEpoch() {
    return tasks.stream().mapToInt(TaskId::epoch).max().orElse(-1);
  }

  /** Whether it has an outcome, or will get one. */
  boolean hasTask(long id) {
    return tasks.contains(id) && !isDisplaced(id);
  }

  /**
   * Its outcome was not on the disk, and the submission of the next task in its slot was: of the
   * two only that one lives again.
   */
  private boolean isDisplaced(long id) {
    return !outcomes.contains(id) && latestInSlot.get(TaskId.slot(id)) != id;
  }

  boolean hasOutcome(long id) {
    return outcomes.contains(id);
  }

  /** Tasks that left something behind and are none any more. */
  Set<Long> remains() {
    Set<Long> remains = new HashSet<>(outcomes);
    remains.addAll(tasks);
    remains.removeIf(this::hasTask);
    return remains;
  }
}
