package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.NoteTable.Note;
import io.tidemill.shm.region.StateWord;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskProgress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private FakeWorker worker;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    worker = plant.worker("w");
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void notesProgressUnderItsLease() {
    Others.Leased task = others.leased(0, worker.row());
    say(worker, task, 0.25f, "a quarter");
    awaitNote(task, 0.25f, "a quarter");
    say(worker, task, 0.5f, "half");
    awaitNote(task, 0.5f, "half");
  }

  @Test
  void bringsProgressIntoItsLimits() {
    Others.Leased task = others.leased(0, worker.row());
    say(worker, task, Float.NaN, "none");
    awaitNote(task, 0, "none");
    say(worker, task, Float.POSITIVE_INFINITY, "too much");
    awaitNote(task, 1, "too much");
    say(worker, task, -1, "m".repeat(1_000));
    awaitNote(task, 0, "m".repeat(200));
  }

  @Test
  void ignoresProgressOfOthersLeases() {
    FakeWorker thief = plant.worker("thief");
    Others.Leased task = others.leased(0, worker.row());
    Others.Leased mine = others.leased(1, thief.row());
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder();
    message.addProgress(progress(task, 0.9f, "stolen"));
    message.addProgress(progress(new Others.Leased(0, task.id(), mine.lease() + 1), 0.9f, "old"));
    message.addProgress(progress(mine, 0.1f, "last"));

    thief.send(message);

    awaitNote(mine, 0.1f, "last");
    assertThat(others.regions.progressNotes().read(task.id())).isNull();
  }

  @Test
  void looksAtSoManyOfAMessage() {
    Others.Leased first = others.leased(0, worker.row());
    Others.Leased beyond = others.leased(1, worker.row());
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder();
    for (int i = 1; i <= Heartbeats.PROGRESS_MAX; i++) {
      message.addProgress(progress(first, 0.5f, "step " + i));
    }
    message.addProgress(progress(beyond, 0.5f, "too late"));

    worker.send(message);
    worker.awaitBeatTaken();

    awaitNote(first, 0.5f, "step " + Heartbeats.PROGRESS_MAX);
    say(worker, first, 1, "next message");
    awaitNote(first, 1, "next message");
    assertThat(others.regions.progressNotes().read(beyond.id())).isNull();
  }

  private static void say(FakeWorker worker, Others.Leased task, float fraction, String message) {
    worker.send(HeartbeatRequest.newBuilder().addProgress(progress(task, fraction, message)));
  }

  private static TaskProgress progress(Others.Leased task, float fraction, String message) {
    return TaskProgress.newBuilder()
        .setTaskId(task.id())
        .setLease(task.lease())
        .setFraction(fraction)
        .setMessage(message)
        .build();
  }

  private void awaitNote(Others.Leased task, float fraction, String message) {
    int lease = StateWord.lease(others.tasks.word(task.slot()));
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(others.regions.progressNotes().read(task.id()))
                    .isEqualTo(new Note(lease, fraction, message)));
  }
}
