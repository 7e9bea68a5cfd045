package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeaseTableTest {
  private static final long TASK = TaskId.of(1, 1, 5);
  private static final int SETS = LeaseTable.ENTRIES / LeaseTable.WAYS;

  private final Memory memory =
      TestRegions.memory(Kind.LEASES_TAKEN, LeaseTable.bytes(), LeaseTable.ENTRIES);
  private final LeaseTable table = new LeaseTable(memory);

  private static PastLease lease(int number, LeaseEnd end) {
    return new PastLease(
        TaskId.lease(1, number), end, "w" + number, number * 10L, 0, number * 10L + 5, 1, 0, "");
  }

  @Test
  void remembersTheLeasesOfATask() {
    assertThat(table.read(TASK)).isEmpty();
    table.write(TASK, lease(1, LeaseEnd.WORKER_LOST));
    table.write(TASK, lease(2, LeaseEnd.OVERRAN));
    assertThat(table.read(TASK))
        .containsExactlyInAnyOrder(lease(1, LeaseEnd.WORKER_LOST), lease(2, LeaseEnd.OVERRAN));
  }

  @Test
  void hasOneNoteOfEachLease() {
    table.write(TASK, lease(1, LeaseEnd.STOLEN));
    table.write(TASK, lease(1, LeaseEnd.WORKER_LOST));
    assertThat(table.read(TASK)).containsExactly(lease(1, LeaseEnd.WORKER_LOST));
  }

  @Test
  void tellsTasksOfTheSameSlotApart() {
    table.write(TASK, lease(1, LeaseEnd.OVERRAN));
    assertThat(table.read(TaskId.of(1, 2, 5))).isEmpty();
    assertThat(table.read(TaskId.of(2, 1, 5))).isEmpty();
  }

  @Test
  void letsANewOneDisplaceTheOldestOfAllThatShareItsPlace() {
    long other = TaskId.of(1, 1, 5 + SETS);
    table.write(other, lease(1, LeaseEnd.OVERRAN));
    List<PastLease> all = new ArrayList<>();
    for (int number = 2; number <= LeaseTable.WAYS + 1; number++) {
      all.add(lease(number, LeaseEnd.OVERRAN));
      table.write(TASK, lease(number, LeaseEnd.OVERRAN));
    }
    assertThat(table.read(other)).isEmpty();
    assertThat(table.read(TASK)).containsExactlyInAnyOrderElementsOf(all);
    table.write(other, lease(99, LeaseEnd.OVERRAN));
    assertThat(table.read(TASK)).doesNotContain(all.get(0)).hasSize(LeaseTable.WAYS - 1);
  }

  @Test
  void hasAPlaceForEverySlot() {
    long last = TaskId.of(1, 1, (1 << TaskId.SLOT_BITS) - 1);
    table.write(last, lease(1, LeaseEnd.RECALLED));
    assertThat(table.read(last)).containsExactly(lease(1, LeaseEnd.RECALLED));
  }

  @Test
  void hasNoNoteWhereAWriterDiedAndTakesThatPlaceFirst() {
    for (int number = 1; number <= LeaseTable.WAYS; number++) {
      table.write(TASK, lease(number, LeaseEnd.OVERRAN));
    }
    long third =
        RegionHeader.BYTES + (5L * LeaseTable.WAYS + 2) * LeaseTable.STRIDE + LeaseTable.VERSION;
    memory.putLong(third, memory.getLong(third) + 1);
    assertThat(table.read(TASK)).hasSize(LeaseTable.WAYS - 1);
    table.write(TASK, lease(50, LeaseEnd.OVERRAN));
    assertThat(table.read(TASK))
        .hasSize(LeaseTable.WAYS)
        .contains(lease(1, LeaseEnd.OVERRAN), lease(50, LeaseEnd.OVERRAN))
        .doesNotContain(lease(3, LeaseEnd.OVERRAN));
  }

  @Test
  void neverShowsHalfANote() {
    PastLease a = lease(1, LeaseEnd.OVERRAN);
    PastLease b = new PastLease(a.token(), LeaseEnd.STOLEN, "a-longer-worker", 7, 8, 9, 3, 0, "");
    table.write(TASK, a);
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                table.write(TASK, i % 2 == 0 ? b : a);
              }
            });
    while (!writer.isDone()) {
      for (PastLease seen : table.read(TASK)) {
        assertThat(seen).isIn(a, b);
      }
    }
    writer.join();
    assertThat(table.read(TASK)).containsExactly(a);
  }
}
