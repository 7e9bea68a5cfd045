package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.client.RecentEnds.Seen;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentEndsTest {
  private final RecentEnds ends = new RecentEnds(1_000);

  private static TaskResult end(long taskId, TaskState state, byte[] result) {
    return TaskResult.newBuilder()
        .setTaskId(taskId)
        .setState(state)
        .setResult(ByteString.copyFrom(result))
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255, 256, 100_000})
  void tellsTheSameResultFromAnother(int size) {
    byte[] result = new byte[size];
    ends.remember(end(7, TaskState.TASK_STATE_SUCCEEDED, result));
    assertThat(ends.look(end(7, TaskState.TASK_STATE_SUCCEEDED, result.clone())))
        .isEqualTo(Seen.SAME);

    result[size - 1] = 1;
    assertThat(ends.look(end(7, TaskState.TASK_STATE_SUCCEEDED, result))).isEqualTo(Seen.DIFFERENT);
  }

  @Test
  void tellsAnotherStateFromTheFirst() {
    ends.remember(end(7, TaskState.TASK_STATE_SUCCEEDED, new byte[0]));
    assertThat(ends.look(end(7, TaskState.TASK_STATE_FAILED, new byte[0])))
        .isEqualTo(Seen.DIFFERENT);
  }

  @Test
  void doesNotKnowWhatItWasNotTold() {
    ends.remember(end(7, TaskState.TASK_STATE_SUCCEEDED, new byte[0]));
    assertThat(ends.look(end(8, TaskState.TASK_STATE_SUCCEEDED, new byte[0])))
        .isEqualTo(Seen.UNKNOWN);
  }
}
