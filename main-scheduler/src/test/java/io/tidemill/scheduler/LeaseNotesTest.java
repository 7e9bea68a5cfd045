package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Main Scheduler notes of leases that it takes back and asks back. */
class LeaseNotesTest {
  @TempDir Path temp;
  private Plant plant;

  @BeforeEach
  void start() throws Exception {
    plant = new Plant(temp.resolve("data"));
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  private void awaitState(int slot, TaskState state) {
    await().untilAsserted(() -> assertThat(plant.state(slot)).isEqualTo(state));
  }

  private List<PastLease> notes(int slot) {
    return plant.regions().leasesTaken().read(plant.tasks().id(slot));
  }

  private long token(int number) {
    return TaskId.lease(plant.regions().control().epoch(), number);
  }

  @Test
  void notesWhoseLeaseItTakesBackSinceTheWorkerDied() {
    plant.worker(2, 1);
    int slot = plant.submit("echo", 0, "a");
    awaitState(slot, TaskState.ASSIGNED);
    assertThat(notes(slot)).isEmpty();
    plant.start(slot);
    plant.die(2);
    awaitState(slot, TaskState.READY);
    assertThat(notes(slot))
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.token()).isEqualTo(token(1));
              assertThat(note.end()).isEqualTo(LeaseEnd.WORKER_LOST);
              assertThat(note.workerId()).isEqualTo("w2");
              assertThat(note.assignedMillis()).isPositive();
              assertThat(note.startedMillis()).isGreaterThanOrEqualTo(note.assignedMillis());
              assertThat(note.overMillis()).isGreaterThanOrEqualTo(note.startedMillis());
            });
  }

  @Test
  void notesWhoDiedWhileItWasAwayItself() throws Exception {
    plant.worker(2, 1);
    int slot = plant.submit("echo", 0, "a");
    awaitState(slot, TaskState.ASSIGNED);
    plant.close();
    plant = plant.again();
    plant.die(2);
    awaitState(slot, TaskState.READY);
    assertThat(notes(slot)).extracting(PastLease::workerId).containsExactly("w2");
  }

  @Test
  void notesLeasesThatOverran() {
    plant.worker(0, 1);
    int slot = plant.submit("echo", 0, "a");
    awaitState(slot, TaskState.ASSIGNED);
    plant.start(slot);
    plant.tell(Rings.TASK_OVERRUN, slot, token(1));
    await().until(() -> StateWord.lease(plant.tasks().word(slot)) == 2);
    assertThat(notes(slot))
        .extracting(PastLease::token, PastLease::end, PastLease::workerId)
        .containsExactly(tuple(token(1), LeaseEnd.OVERRAN, "w0"));
  }

  @Test
  void notesWhatItAsksWorkersBackFor() {
    FakeWorker full = plant.worker(0, 3);
    int running = plant.submit("echo", 0, "a");
    int waiting = plant.submit("echo", 0, "b");
    int last = plant.submit("echo", 0, "c");
    await().until(() -> full.assignments().size() == 3);
    plant.start(running);
    plant.submit("echo", 9, "urgent");
    await().until(() -> !full.recalls().isEmpty());
    assertThat(notes(last))
        .extracting(PastLease::token, PastLease::end, PastLease::workerId)
        .containsExactly(tuple(token(1), LeaseEnd.RECALLED, "w0"));
    assertThat(notes(running)).isEmpty();
    assertThat(plant.state(waiting)).isEqualTo(TaskState.ASSIGNED);
  }

  @Test
  void notesWhatItStealsForAWorkerWithFreeHands() {
    FakeWorker full = plant.worker(0, 10);
    int running = plant.submit("echo", 0, "a");
    for (String payload : List.of("b", "c", "d", "e")) {
      plant.submit("echo", 0, payload);
    }
    await().until(() -> full.assignments().size() == 5);
    plant.start(running);
    plant.worker(1, 1);
    await().until(() -> !full.recalls().isEmpty());
    int recalled = TaskId.slot(full.recalls().get(0).getTaskId());
    assertThat(notes(recalled)).extracting(PastLease::end).containsExactly(LeaseEnd.STOLEN);
  }
}
