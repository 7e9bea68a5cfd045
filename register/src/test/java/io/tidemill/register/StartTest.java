package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.TaskStart;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that their handlers wait to be known. */
class StartTest {
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
  void answersOnceTheTaskRuns() {
    Others.Leased task = others.leased(0, worker.row());
    say(worker, task, true);
    awaitAnswers(worker, 1);
    assertThat(state(task)).isEqualTo(TaskState.RUNNING);
    assertThat(worker.starts().get(0))
        .isEqualTo(HeldLease.newBuilder().setTaskId(task.id()).setLease(task.lease()).build());
    say(worker, task, true); // On another stream, perhaps.
    awaitAnswers(worker, 2);
    assertThat(worker.cancels()).isEmpty();
  }

  /**
   * A Register died between the move and the time, or settled a slot that it had begun to record.
   */
  @Test
  void knowsTheStartOfATaskThatRanWithoutOne() {
    Others.Leased task = others.leased(0, worker.row());
    others.tasks.start(0, others.tasks.word(0));
    assertThat(others.tasks.isStartKnown(0)).isFalse();
    say(worker, task, true);
    awaitAnswers(worker, 1);
    assertThat(others.tasks.isStartKnown(0)).isTrue();
  }

  @Test
  void answersNobodyWhoDoesNotWait() {
    Others.Leased first = others.leased(0, worker.row());
    Others.Leased second = others.leased(1, worker.row());
    say(worker, first, false);
    say(worker, second, true);
    awaitAnswers(worker, 1);
    assertThat(state(first)).isEqualTo(TaskState.RUNNING);
    assertThat(worker.starts().get(0).getTaskId()).isEqualTo(second.id());
  }

  /** What it reported before is recorded by then: it cannot be lost with what is about to start. */
  @Test
  void recordsWhatCameBeforeIt() {
    Others.Leased done = others.leased(0, worker.row());
    Others.Leased task = others.leased(1, worker.row());
    worker.report(FakeWorker.success(done, "r"));
    say(worker, task, true);
    awaitAnswers(worker, 1);
    assertThat(state(done)).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void cancelsWhatIsNotItsLeaseAnyMore() {
    FakeWorker other = plant.worker("other");
    Others.Leased task = others.leased(0, worker.row());
    say(other, task, true);
    say(worker, new Others.Leased(0, task.id(), task.lease() + 1), true);
    await()
        .atMost(Plant.PATIENCE)
        .until(() -> other.cancels().size() == 1 && worker.cancels().size() == 1);
    assertThat(other.cancels().get(0).getTaskId()).isEqualTo(task.id());
    assertThat(other.cancels().get(0).getLease()).isEqualTo(task.lease());
    assertThat(other.cancels().get(0).getReason()).contains("before the handler began");
    assertThat(state(task)).isEqualTo(TaskState.ASSIGNED);
    assertThat(other.starts()).isEmpty();
    assertThat(worker.starts()).isEmpty();
  }

  private TaskState state(Others.Leased task) {
    return StateWord.state(others.tasks.word(task.slot()));
  }

  private static void say(FakeWorker worker, Others.Leased task, boolean awaits) {
    worker.send(
        HeartbeatRequest.newBuilder()
            .addStarted(
                TaskStart.newBuilder()
                    .setTaskId(task.id())
                    .setLease(task.lease())
                    .setAwaits(awaits)));
  }

  private static void awaitAnswers(FakeWorker worker, int count) {
    await().atMost(Plant.PATIENCE).until(() -> worker.starts().size() == count);
  }
}
