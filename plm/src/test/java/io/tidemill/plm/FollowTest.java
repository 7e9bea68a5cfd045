package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.FollowTaskRequest;
import io.tidemill.v1.FollowTaskResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.Task;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowTest {
  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;
  private PartialRing ring;

  @BeforeEach
  void start() throws Exception {
    open();
  }

  private void open() throws Exception {
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
    ring = plm.instance().regions().partials();
  }

  @AfterEach
  void stop() throws Exception {
    plm.close();
    cluster.close();
  }

  /** What a client is told. */
  private static final class Told
      implements ClientResponseObserver<FollowTaskRequest, FollowTaskResponse> {
    private final boolean reading;
    private final List<FollowTaskResponse> messages = new CopyOnWriteArrayList<>();
    private volatile ClientCallStreamObserver<FollowTaskRequest> call;
    private volatile Throwable error;
    private volatile boolean completed;

    private Told(boolean reading) {
      this.reading = reading;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FollowTaskRequest> stream) {
      call = stream;
      if (!reading) {
        stream.disableAutoRequestWithInitial(1);
      }
    }

    @Override
    public void onNext(FollowTaskResponse message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable thrown) {
      error = thrown;
    }

    @Override
    public void onCompleted() {
      completed = true;
    }

    List<EmittedPart> parts() {
      return messages.stream()
          .filter(FollowTaskResponse::hasPart)
          .map(FollowTaskResponse::getPart)
          .toList();
    }

    boolean isAnswered() {
      return error != null || !messages.isEmpty();
    }

    String text() {
      StringBuilder text = new StringBuilder();
      parts().forEach(part -> text.append(part.getData().toStringUtf8()));
      return text.toString();
    }

    List<Task> changes() {
      return messages.stream()
          .filter(FollowTaskResponse::hasChanged)
          .map(FollowTaskResponse::getChanged)
          .toList();
    }

    Task last() {
      return messages.get(messages.size() - 1).getEnded();
    }
  }

  private Told follow(long id, boolean reading) {
    Told told = new Told(reading);
    plm.asynchronously().followTask(FollowTaskRequest.newBuilder().setTaskId(id).build(), told);
    return told;
  }

  private Told follow(long id) {
    return follow(id, true);
  }

  private long submit() {
    return plm.calls()
        .submitTask(SubmitTaskRequest.newBuilder().setTask(Specs.spec()).build())
        .getTaskId();
  }

  private void emit(long id, int lease, int attempt, long position, String text) {
    byte[] data = text.getBytes(StandardCharsets.UTF_8);
    ring.write(id, lease, attempt, position, data, 0, data.length);
  }

  private void end(long id) {
    cluster.end(id, TaskState.SUCCEEDED, FakeCluster.resultOf(id));
    cluster.wakePlm();
  }

  @Test
  void tellsChangesPartsAndTheEndInTheirOrder() {
    long id = submit();
    long other = submit();
    Told told = follow(id);
    await().until(() -> told.changes().size() == 1);
    assertThat(told.changes().get(0).getState())
        .isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
    int lease = TaskId.leaseNumber(cluster.assign(id));
    cluster.start(id);
    plm.instance().regions().progressNotes().write(id, lease, 0.5f, "half");
    await()
        .until(
            () ->
                told.changes().stream()
                    .anyMatch(
                        task ->
                            task.getProgress() == 0.5f
                                && task.getState() == io.tidemill.v1.TaskState.TASK_STATE_RUNNING));
    emit(id, lease, 1, 0, "one ");
    await().until(() -> told.text().equals("one "));
    emit(other, 9, 1, 0, "not this");
    emit(id, lease, 1, 4, "two");
    end(id);
    await().until(() -> told.completed);
    assertThat(told.text()).isEqualTo("one two");
    assertThat(told.parts()).allMatch(part -> part.getLostBytes() == 0 && part.getAttempt() == 1);
    assertThat(told.parts().get(0).getLease())
        .isEqualTo(TaskId.lease(plm.instance().control().epoch(), lease));
    assertThat(told.last().getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_SUCCEEDED);
    assertThat(told.last().getResult().toByteArray()).isEqualTo(FakeCluster.resultOf(id));
  }

  @Test
  void whoComesLateGetsWhatIsKept() {
    long id = submit();
    int lease = TaskId.leaseNumber(cluster.assign(id));
    emit(id, lease, 1, 0, "early ");
    end(id);
    await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
    Told told = follow(id);
    await().until(() -> told.completed);
    assertThat(told.text()).isEqualTo("early ");
    assertThat(told.last().getTaskId()).isEqualTo(id);
  }

  @Test
  void saysHowMuchWasLost() {
    long id = submit();
    int lease = TaskId.leaseNumber(cluster.assign(id));
    emit(id, lease, 1, 100, "from the middle");
    emit(id, lease, 1, 120, "on");
    emit(id, lease, 1, 130, "");
    end(id);
    Told told = follow(id);
    await().until(() -> told.completed);
    assertThat(told.parts().stream().map(EmittedPart::getLostBytes)).containsExactly(100L, 5L, 8L);
    assertThat(told.parts().stream().map(EmittedPart::getPosition))
        .containsExactly(100L, 120L, 130L);
  }

  /** A worker reports again, with what was emitted last, when a Register died with it. */
  @Test
  void tellsOnceWhatStandsThereTwice() {
    long id = submit();
    int lease = TaskId.leaseNumber(cluster.assign(id));
    emit(id, lease, 1, 0, "once ");
    emit(id, lease, 1, 5, "the end");
    emit(id, lease, 1, 0, "once ");
    emit(id, lease, 1, 5, "the end");
    emit(id, lease, 1, 12, " of it");
    emit(id, lease, 1, 18, "");
    end(id);
    Told told = follow(id);
    await().until(() -> told.completed);
    assertThat(told.text()).isEqualTo("once the end of it");
    assertThat(told.parts()).allMatch(part -> part.getLostBytes() == 0);
  }

  @Test
  void anotherLeaseBeginsAnew() {
    long id = submit();
    Told told = follow(id);
    int first = TaskId.leaseNumber(cluster.assign(id));
    emit(id, first, 1, 0, "first");
    cluster.requeue(id);
    int second = TaskId.leaseNumber(cluster.assign(id));
    emit(id, second, 2, 0, "second");
    end(id);
    await().until(() -> told.completed);
    assertThat(told.parts().stream().map(part -> part.getData().toStringUtf8()))
        .containsExactly("first", "second");
    assertThat(told.parts().stream().map(EmittedPart::getAttempt)).containsExactly(1, 2);
    assertThat(told.parts()).allMatch(part -> part.getLostBytes() == 0);
  }

  /** It misses what the ring does not keep for it, and nobody else waits. */
  @Test
  void aSlowFollowerHoldsUpNobodyAndIsToldWhatItMissed() {
    long id = submit();
    int lease = TaskId.leaseNumber(cluster.assign(id));
    Told slow = follow(id, false);
    Told quick = follow(id);
    await().until(() -> !slow.messages.isEmpty() && !quick.messages.isEmpty());
    String block = "b".repeat(PartialRing.DATA_BYTES);
    long position = 0;
    for (int round = 0; round < 16; round++) {
      for (int i = 0; i < PartialRing.ENTRIES / 2; i++) {
        emit(id, lease, 1, position, block);
        position += block.length();
      }
      long through = position;
      await().until(() -> lastOf(quick) == through);
    }
    assertThat(quick.parts()).allMatch(part -> part.getLostBytes() == 0);
    end(id);
    await().until(() -> quick.completed);
    assertThat(slow.completed).isFalse();
    slow.call.request(100_000);
    await().until(() -> slow.completed);
    assertThat(slow.parts().stream().mapToLong(EmittedPart::getLostBytes).sum()).isPositive();
    long seen = 0;
    for (EmittedPart part : slow.parts()) {
      assertThat(part.getPosition()).isEqualTo(seen + part.getLostBytes());
      seen = part.getPosition() + part.getData().size();
    }
    assertThat(seen).isEqualTo(position);
  }

  private static long lastOf(Told told) {
    List<EmittedPart> parts = told.parts();
    EmittedPart last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    return last == null ? 0 : last.getPosition() + last.getData().size();
  }

  @Test
  void aNextPlmGoesOnWithWhatIsKept() throws Exception {
    long id = submit();
    int lease = TaskId.leaseNumber(cluster.assign(id));
    emit(id, lease, 1, 0, "before ");
    Told broken = follow(id);
    await().until(() -> broken.text().equals("before "));
    plm.close();
    cluster.close();
    await().until(() -> broken.error != null);
    open();
    Told told = follow(id);
    await().until(() -> told.text().equals("before "));
    emit(id, lease, 1, 7, "after");
    end(id);
    await().until(() -> told.completed);
    assertThat(told.text()).isEqualTo("before after");
  }

  @Test
  void refusesATaskThatThereIsNot() {
    Told told = follow(77);
    await().until(() -> told.error != null);
    assertThat(Status.fromThrowable(told.error).getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(RpcErrors.reason(told.error)).isEqualTo("TASK_UNKNOWN");
  }

  @Test
  void whoGoesAwayLeavesNothingBehind() {
    long id = submit();
    List<Told> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(follow(id));
    }
    await().until(() -> all.stream().noneMatch(told -> told.messages.isEmpty()));
    assertThat(plm.waiters()).isEqualTo(50);
    all.forEach(told -> told.call.cancel("enough", null));
    await().until(() -> plm.waiters() == 0);
  }

  @Test
  void refusesWhoIsOneTooManyUntilAnotherHasGone() {
    long id = submit();
    List<Told> all = new ArrayList<>();
    for (int i = 0; i < Follows.FOLLOWERS_MAX; i++) {
      all.add(follow(id));
    }
    await().until(() -> all.stream().allMatch(Told::isAnswered));
    assertThat(all).allMatch(told -> told.error == null);
    Told refused = follow(id);
    await().until(refused::isAnswered);
    assertThat(RpcErrors.reason(refused.error)).isEqualTo("FOLLOWERS_FULL");
    all.get(0).call.cancel("gone", null);
    await()
        .until(
            () -> {
              Told again = follow(id);
              await().until(again::isAnswered);
              return again.error == null;
            });
  }
}
