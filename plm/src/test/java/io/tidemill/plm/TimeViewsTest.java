package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.LeaseTime;
import io.tidemill.v1.TimeSpent;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeViewsTest {
  private static final PastLeases PAST =
      new PastLeases(
          0,
          List.of(
              new PastLease(1, LeaseEnd.STOLEN, "a", 1_100, 0, 1_130, 0, 0, ""),
              new PastLease(2, LeaseEnd.FAILED, "b", 1_150, 1_160, 1_200, 1, 1_300, "broken"),
              new PastLease(3, LeaseEnd.WORKER_LOST, "a", 1_305, 1_310, 1_400, 1, 0, "")));

  private static TaskLife life(PastLeases past, TaskLife.Held held, TaskLife.End end) {
    return new TaskLife(
        9,
        TaskState.SUCCEEDED,
        2,
        new TaskLife.Accepted(1_000, 1_050, 0, 0, 0, List.of(), 0),
        past,
        0,
        false,
        held,
        end,
        null);
  }

  @Test
  void dividesTheTimeOfAnEndedTask() {
    TimeSpent time =
        new TimeViews(null)
            .of(
                life(
                    PAST,
                    new TaskLife.Held(4, "c", 1_420, 1_421),
                    new TaskLife.End(1_500, "", 70_000)));
    assertThat(time.getTotalMs()).isEqualTo(500);
    assertThat(time.getWaitingMs()).isEqualTo(50);
    assertThat(time.getQueuedMs()).isEqualTo(50 + 20 + 5 + 20);
    assertThat(time.getWorkerQueueMs()).isEqualTo(30 + 10 + 5 + 1);
    assertThat(time.getRunningMs()).isEqualTo(40 + 90 + 70);
    assertThat(time.getBackoffMs()).isEqualTo(100);
    assertThat(time.getRecordingMs()).isEqualTo(9);
    assertThat(
            time.getWaitingMs()
                + time.getQueuedMs()
                + time.getWorkerQueueMs()
                + time.getRunningMs()
                + time.getBackoffMs()
                + time.getRecordingMs())
        .isEqualTo(time.getTotalMs());
    assertThat(time.getLeasesList()).extracting(LeaseTime::getAttempt).containsExactly(0, 1, 2, 2);
  }

  @Test
  void countsTheTimeInTheOrderOfATaskThatNobodyTook() {
    TimeSpent time =
        new TimeViews(null).of(life(PastLeases.NONE, null, new TaskLife.End(1_500, "late", 0)));
    assertThat(time.getWaitingMs()).isEqualTo(50);
    assertThat(time.getQueuedMs()).isEqualTo(450);
    assertThat(time.getLeasesList()).isEmpty();
  }
}
