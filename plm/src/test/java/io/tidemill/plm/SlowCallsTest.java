package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowCallsTest {
  private final SlowCalls calls = new SlowCalls();

  /** Whoever asked. */
  private static final class Asked extends CompletableFuture<String>
      implements StreamObserver<String> {
    private String value;

    @Override
    public void onNext(String response) {
      value = response;
    }

    @Override
    public void onError(Throwable refusal) {
      completeExceptionally(refusal);
    }

    @Override
    public void onCompleted() {
      complete(value);
    }

    String answer() throws Exception {
      return get(1, TimeUnit.MINUTES);
    }
  }

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void answersWithWhatTheWorkGivesOrRefuses() throws Exception {
    Asked asked = new Asked();
    calls.answer(asked, () -> "all of it");
    assertThat(asked.answer()).isEqualTo("all of it");

    Asked refused = new Asked();
    StatusRuntimeException why = RpcErrors.invalid("PAGE_SIZE", "page_size", 0, "no page");
    calls.answer(
        refused,
        () -> {
          throw why;
        });
    assertThatThrownBy(refused::answer).isInstanceOf(ExecutionException.class).hasCause(why);
  }

  @Test
  void answersThoughTheWorkBreaksOffAndGoesOnWithTheNext() throws Exception {
    Asked broken = new Asked();
    calls.run(
        broken,
        () -> {
          throw new IllegalStateException("a slot is not what it was");
        });
    assertThatThrownBy(broken::answer)
        .hasCauseInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("INTERNAL")
        .hasMessageContaining("a slot is not what it was");
    Asked next = new Asked();
    calls.answer(next, () -> "the next");
    assertThat(next.answer()).isEqualTo("the next");
  }

  @Test
  void refusesWhatIsTooMuchAndAnswersWhatWaits() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    calls.run(new Asked(), () -> awaitHeld(held));
    List<Asked> waiting = new ArrayList<>();
    while (waiting.isEmpty() || !waiting.get(waiting.size() - 1).isDone()) {
      Asked asked = new Asked();
      calls.answer(asked, () -> "in its turn");
      waiting.add(asked);
    }
    Asked tooMuch = waiting.remove(waiting.size() - 1);
    held.countDown();
    assertThatThrownBy(tooMuch::answer)
        .cause()
        .satisfies(
            refusal ->
                assertThat(Status.fromThrowable(refusal).getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    for (Asked asked : waiting) {
      assertThat(asked.answer()).isEqualTo("in its turn");
    }
  }

  @Test
  void passesOverWhoWaitsNoMore() throws Exception {
    List<String> done = new ArrayList<>();
    Left left = new Left();
    calls.run(left, () -> done.add("for nobody"));
    Asked next = new Asked();
    calls.answer(next, () -> "the next");
    assertThat(next.answer()).isEqualTo("the next");
    assertThat(done).isEmpty();
    assertThat(left.answers).isEmpty();
  }

  /** A call whose client has given it up. */
  private static final class Left extends ServerCallStreamObserver<String> {
    private final List<Object> answers = new ArrayList<>();

    @Override
    public boolean isCancelled() {
      return true;
    }

    @Override
    public void onNext(String value) {
      answers.add(value);
    }

    @Override
    public void onError(Throwable refusal) {
      answers.add(refusal);
    }

    @Override
    public void onCompleted() {
      answers.add("completed");
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}
  }

  private static void awaitHeld(CountDownLatch held) {
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
