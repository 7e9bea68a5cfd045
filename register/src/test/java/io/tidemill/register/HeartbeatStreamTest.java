package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeartbeatResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much a worker that does not read can have said to it. */
class HeartbeatStreamTest {
  @TempDir Path folder;
  private Instance instance;
  private Guard guard;
  private final OtherEnd end = new OtherEnd();
  private HeartbeatStream stream;

  @BeforeEach
  void open() throws Exception {
    Settings settings = Plant.settings(folder.resolve("data"), Map.of());
    instance = Instance.enter(folder.resolve("data"), settings, Role.REGISTER);
    guard = new Guard(instance);
    stream = new HeartbeatStream(null, guard, end);
    stream.begin();
  }

  @AfterEach
  void close() {
    instance.close();
  }

  @Test
  void readsOnWhileItsAnswersAreRead() {
    end.ready = true;
    answer(3, HeartbeatStream.ANSWERS_MAX);
    assertThat(end.requested).isEqualTo(2);
    assertThat(end.sent).extracting(HeartbeatResponse::getStartedCount).contains(3);
  }

  @Test
  void readsNothingMoreWhileTooManyAnswersWait() {
    answer(HeartbeatStream.ANSWERS_MAX - 1, 0);
    assertThat(end.requested).isEqualTo(2);
    answer(0, 1);
    answer(1, 0);
    assertThat(end.requested).isEqualTo(2);
    assertThat(end.sent).isEmpty();

    end.ready = true;
    end.onReady.run();

    assertThat(end.requested).isEqualTo(3);
    HeartbeatResponse told = end.sent.get(0);
    assertThat(told.getStartedCount()).isEqualTo(HeartbeatStream.ANSWERS_MAX);
    assertThat(told.getCancelsCount()).isEqualTo(1);
  }

  /** As one message that has been dealt with. */
  private void answer(int starts, int cancels) {
    guard.run(
        () -> {
          for (int i = 0; i < starts; i++) {
            stream.started(i, 1);
          }
          for (int i = 0; i < cancels; i++) {
            stream.cancel(CancelOrder.getDefaultInstance());
          }
          stream.readNext();
        });
  }

  /** The other end, which reads when the test says so. */
  private static final class OtherEnd extends ServerCallStreamObserver<HeartbeatResponse> {
    private final List<HeartbeatResponse> sent = new ArrayList<>();
    private boolean ready;
    private int requested;
    private Runnable onReady;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void onNext(HeartbeatResponse message) {
      sent.add(message);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
