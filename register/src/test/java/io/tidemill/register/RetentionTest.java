package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.v1.TaskReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
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
      jumpUntil(plant, () -> cycles(others).size() < all);
      assertThat(cycles(others)).hasSizeGreaterThan(1);
      assertThat(others.recorded()).hasSizeBetween(8, 19);

      others.regions.control().submissionsOldest(Long.MAX_VALUE);
      jumpUntil(plant, () -> cycles(others).size() == 1);

      plant.stopRegister();
      plant.startRegister();
      worker.connect();
      worker.settle(FakeWorker.success(others.leased(100, worker.row()), ""));
    }
  }

  @Test
  void knowsTheFailedAttemptsOfLiveTasksWhenTheirCycleIsGone() throws Exception {
    Map<String, String> small =
        Map.of(Key.JOURNAL_CYCLE_BYTES.key(), "1048576", Key.RESULT_BYTES_MAX.key(), "200000");
    try (Plant plant = Plant.start(folder, small)) {
      Others others = plant.others;
      FakeWorker worker = plant.worker("w");
      long id = others.submit(0, 5, 60_000, false);
      worker.settle(FakeWorker.failure(others.assign(0, worker.row()), "first"));
      worker.settle(FakeWorker.failure(others.assign(0, worker.row()), "second"));
      assertThat(others.tasks.attempts(0)).isEqualTo(2);
      for (int slot = 1; slot < 20; slot++) {
        worker.settle(
            FakeWorker.of(others.leased(slot, worker.row()), TaskReport.Kind.KIND_SUCCEEDED)
                .setResult(ByteString.copyFrom(new byte[200_000]))
                .build());
      }
      int newest = cycles(others).get(cycles(others).size() - 1).number();

      others.regions.control().submissionsOldest(Long.MAX_VALUE);
      jumpUntil(plant, () -> cycles(others).get(0).number() == newest);
      assertThat(Position.cycle(others.tasks.outcome(0))).isGreaterThanOrEqualTo(newest);
      AttemptDecoder attempt = new AttemptDecoder();
      RecordView view = new RecordView();
      try (JournalReader reader = Journals.read(others.instance.dir().outcomes())) {
        assertThat(reader.read(others.tasks.outcome(0), view)).isTrue();
        attempt.wrap(view);
        assertThat(attempt.taskId()).isEqualTo(id);
        assertThat(attempt.attempt()).isEqualTo(2);
        assertThat(attempt.error()).isEqualTo("second");
      }
    }
  }

  /** From one look to the next, which a deletion under way puts off. */
  private static void jumpUntil(Plant plant, BooleanSupplier condition) {
    await()
        .atMost(Plant.PATIENCE)
        .until(
            () -> {
              plant.jump(Duration.ofSeconds(6));
              return condition.getAsBoolean();
            });
  }

  private static List<Cycle> cycles(Others others) {
    try (JournalReader reader = Journals.read(others.instance.dir().outcomes())) {
      return reader.cycles();
    }
  }
}
