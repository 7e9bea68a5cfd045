package io.tidemill.system.kills;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.v1.StoredExtra;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which tasks stand for which occurrence of a schedule, by the submissions journal. */
final class Occurrences {
  private Occurrences() {}

  /** The tasks of each occurrence, in ms; while nothing is written. */
  static Map<Long, Set<String>> read(Path data, String schedule) {
    Map<Long, Set<String>> tasks = new TreeMap<>();
    SubmissionDecoder submission = new SubmissionDecoder();
    try (JournalReader journal = Journals.read(new DataDir(data, "").submissions())) {
      journal.scan(
          Position.NONE,
          record -> {
            if (record.kind() == RecordKind.SUBMISSION) {
              StoredExtra extra = extra(submission, record);
              if (extra.getSchedule().equals(schedule)) {
                tasks
                    .computeIfAbsent(extra.getOccurrenceMs(), ms -> new TreeSet<>())
                    .add(TaskIds.format(submission.taskId()));
              }
            }
          });
    }
    return tasks;
  }

  private static StoredExtra extra(SubmissionDecoder submission, RecordView record) {
    try {
      return StoredExtra.parseFrom(submission.wrap(record).terms().extra());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }
}
