package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls that look at much or read journals: lists, figures, explanations, changes of many tasks.
 * One at a time on a thread of their own, so that none of them holds up a submission; a bounded
 * number waits, and more are refused.
 */
final class SlowCalls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlowCalls.class);
  private static final int WAITING_MAX = 1_000;
  private static final int IDLE_SECONDS = 10;
  private static final int RETRY_MILLIS = 500;

  private final ThreadPoolExecutor executor;

  SlowCalls() {
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_MAX),
            work -> {
              Thread thread = new Thread(work, "views");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** Answers with what the work gives, or with the refusal that it throws. */
  <T> void answer(StreamObserver<T> answer, Supplier<T> work) {
    run(answer, () -> reply(answer, work.get()));
  }

  /** Runs work that answers by itself, unless it throws. */
  void run(StreamObserver<?> answer, Runnable work) {
    try {
      executor.execute(() -> guarded(answer, work));
    } catch (RejectedExecutionException e) {
      answer.onError(busy());
    }
  }

  /**
   * Whoever asked is answered whatever goes wrong. Who waits no more is passed over: clients that
   * give up and ask again would have all of it done for nobody, and the others wait for that.
   */
  private static void guarded(StreamObserver<?> answer, Runnable work) {
    if (answer instanceof ServerCallStreamObserver<?> call && call.isCancelled()) {
      return;
    }
    try {
      work.run();
    } catch (StatusRuntimeException refused) {
      answer.onError(refused);
    } catch (RuntimeException broken) {
      LOG.error("a call broke off", broken);
      answer.onError(
          RpcErrors.of(
              Status.Code.INTERNAL,
              "CALL_BROKE_OFF",
              "the call broke off: cause=" + broken + "; the PLM's log says more",
              Map.of()));
    }
  }

  private static StatusRuntimeException busy() {
    return Refused.exhausted(
            "BUSY",
            "too many lists and figures are asked for at a time; ask again later",
            Map.of("retry_after_ms", Integer.toString(RETRY_MILLIS)),
            RETRY_MILLIS)
        .toException();
  }

  /** The one answer of a unary call. */
  static <T> void reply(StreamObserver<T> answer, T response) {
    answer.onNext(response);
    answer.onCompleted();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
