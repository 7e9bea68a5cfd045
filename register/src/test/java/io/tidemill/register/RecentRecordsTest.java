package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.TaskState;
import org.junit.jupiter.api.Test;

class RecentRecordsTest {
  private final RecentRecords recent = new RecentRecords();

  @Test
  void knowsLeasesApart() {
    recent.add(1, 10, 100, null);
    recent.add(1, 11, 101, TaskState.SUCCEEDED);

    assertThat(recent.contains(1, 10)).isTrue();
    assertThat(recent.contains(1, 11)).isTrue();
    assertThat(recent.contains(1, 12)).isFalse();
    assertThat(recent.contains(2, 10)).isFalse();
  }

  @Test
  void findsTheEndAmongFailedAttempts() {
    recent.add(1, 10, 100, null);
    assertThat(recent.findEnd(1)).isZero();

    recent.add(1, 11, 101, TaskState.DEAD);
    recent.add(1, 12, 102, null);

    long entry = recent.findEnd(1);
    assertThat(recent.position(entry)).isEqualTo(101);
    assertThat(recent.end(entry)).isEqualTo(TaskState.DEAD);
  }

  @Test
  void forgetsTheOldestAndNothingElse() {
    int more = 1_000;
    for (long id = 1; id <= RecentRecords.CAPACITY + more; id++) {
      recent.add(id << 24, id, id, TaskState.SUCCEEDED);
    }

    assertThat(recent.contains(1L << 24, 1)).isFalse();
    assertThat(recent.contains((long) more << 24, more)).isFalse();
    for (long id = more + 1L; id <= RecentRecords.CAPACITY + more; id++) {
      assertThat(recent.contains(id << 24, id)).isTrue();
    }
  }
}
