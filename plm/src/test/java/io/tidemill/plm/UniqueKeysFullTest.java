package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unique keys of which there may be few, over the tasks of a PLM. */
class UniqueKeysFullTest {
  private static final int KEYS_MAX = 3;
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);

  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;
  private UniqueHolds holds;
  private UniqueKeys keys;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
    holds = new UniqueHolds(plm.definitions(), plm.instance().control());
    SessionStream.Shared parts = plm.streams();
    keys =
        new UniqueKeys(
            plm.instance().regions().tasks(),
            parts.ends(),
            parts.submissions(),
            holds,
            new KeyMap.Settings(
                Files.createDirectory(folder.resolve("keys")), "unique-keys", 1, KEYS_MAX),
            false);
  }

  @AfterEach
  void close() throws Exception {
    keys.close();
    cluster.close();
    plm.close();
  }

  private static TaskSpec unique(String key) {
    return Specs.spec().toBuilder().setUniqueKey(key).build();
  }

  private Batch lookUp(TaskSpec spec) {
    Batch batch = Batch.of(List.of(spec));
    assertThat(keys.lookUp(batch, 0, plm.streams().intake())).isEqualTo(batch.isSettled(0));
    return batch;
  }

  /** As its submission does when nobody holds the key. */
  private long accept(String key) {
    assertThat(lookUp(unique(key)).isSettled(0)).isFalse();
    SubmitTaskRequest request = SubmitTaskRequest.newBuilder().setTask(unique(key)).build();
    long id = plm.calls().submitTask(request).getTaskId();
    keys.holds(key, id);
    return id;
  }

  private long refusals() {
    return plm.instance().control().count(Counter.REFUSED);
  }

  private void assertFull(TaskSpec spec) {
    long refusedBefore = refusals();
    Refused refused = lookUp(spec).refused(0);
    assertThat(refused.reason()).isEqualTo("UNIQUE_KEYS_FULL");
    assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.message()).contains("limit=" + KEYS_MAX, "unique_for_ms=100000", "; ");
    assertThat(refused.metadata()).containsEntry("limit", Integer.toString(KEYS_MAX));
    assertThat(refused.retryAfterMillis()).isPositive();
    assertThat(refusals()).isEqualTo(refusedBefore + 1);
  }

  @Test
  void refusesAnotherKeyUntilATaskHasGivenItsUp() {
    long first = accept("0");
    for (int i = 1; i < KEYS_MAX; i++) {
      accept(Integer.toString(i));
    }
    assertFull(unique("another"));
    // One that is held needs no room.
    assertThat(lookUp(unique("0")).id(0)).isEqualTo(first);
    cluster.end(first, TaskState.SUCCEEDED, new byte[] {1});
    cluster.wakePlm();
    await().until(() -> !lookUp(unique("another")).isSettled(0));
    accept("another");
    assertFull(unique("one more"));
  }

  @Test
  void refusesAnotherHoldAfterTheEndUntilOneIsOver() {
    TaskSpec forAnHour = unique("k").toBuilder().setUniqueForMs(HOUR).build();
    for (long id = 1; id < UniqueHolds.COUNT_MAX; id++) {
      holds.ask(id, Long.toString(id), HOUR);
    }
    assertThat(lookUp(forAnHour).isSettled(0)).isFalse();
    holds.held(1);
    assertFull(forAnHour);
    // One that holds its key until its end alone needs none of that room.
    assertThat(lookUp(unique("k")).isSettled(0)).isFalse();
    holds.held(0);
    assertThat(lookUp(forAnHour).isSettled(0)).isFalse();
  }
}
