package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.v1.TaskReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  @TempDir Path folder;

  @Test
  void deletesCyclesWhoseTasksAreAllGone() throws Exception {
    Map<String, String> small =
        Map.of(Key.JOURNAL_CYCLE_BYTES.key(), "1048576", Key.RESULT_BYTES_MAX.key(), "200000");
    try (Plant plant = Plant.start(folder, small)) {
      Others others = plant.others;
      FakeWorker worker = plant.worker("w");
      long[] sequences = new long[20];
      for (int slot = 0; slot < sequences.length; slot++) {
        Others.Leased task = others.leased(slot, worker.row());
        sequences[slot] = others.tasks.sequence(slot);
        worker.settle(
            FakeWorker.of(task, TaskReport.Kind.KIND_SUCCEEDED)
                .setResult(ByteString.copyFrom(new byte[200_000]))
                .build());
      }
      int all = cycles(others).size();
      assertThat(all).isGreaterThan(2);

      plant.jump(Duration.ofSeconds(6));
      assertThat(cycles(others)).hasSize(all);

      others.regions.control().submissionsOldest(sequences[12]);
      plant.jump(Duration.ofSeconds(6));
      List<Cycle> some = cycles(others);
      assertThat(some).hasSizeBetween(2, all - 1);
      assertThat(others.recorded()).hasSizeBetween(8, 19);

      others.regions.control().submissionsOldest(Long.MAX_VALUE);
      plant.jump(Duration.ofSeconds(6));
      assertThat(cycles(others)).hasSize(1);

      plant.stopRegister();
      plant.startRegister();
      worker.connect();
      worker.settle(FakeWorker.success(others.leased(100, worker.row()), ""));
    }
  }

  private static List<Cycle> cycles(Others others) {
    try (JournalReader reader = Journals.read(others.instance.dir().outcomes())) {
      return reader.cycles();
    }
  }
}
