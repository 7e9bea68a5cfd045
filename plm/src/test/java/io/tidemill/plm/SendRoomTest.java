package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import org.junit.jupiter.api.Test;

class SendRoomTest {
  private final Call call = new Call();
  private final SendRoom room = new SendRoom(call);

  @Test
  void countsABufferForEachMessageHoweverShort() {
    assertThat(call.threshold).isEqualTo(1);
    assertThat(room.isEmpty()).isTrue();
    room.sent(10);
    call.ready = false;
    int sent = 1;
    for (; room.isFree(); sent++) {
      assertThat(room.isEmpty()).isFalse();
      room.sent(10);
    }
    assertThat(sent).isEqualTo(64);
  }

  @Test
  void beginsAgainWhenAllHasBeenTaken() {
    call.ready = false;
    room.sent(300_000);
    assertThat(room.isFree()).isFalse();
    call.ready = true;
    assertThat(room.isFree()).isTrue();
    room.sent(100_000);
    call.ready = false;
    assertThat(room.isFree()).isTrue();
    room.sent(200_000);
    assertThat(room.isFree()).isFalse();
  }

  private static final class Call extends ServerCallStreamObserver<String> {
    private boolean ready = true;
    private int threshold;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyThreshold(int bytes) {
      threshold = bytes;
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
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void onNext(String value) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
