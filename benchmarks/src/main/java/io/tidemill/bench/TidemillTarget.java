package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** A running instance, through the public client library. */
public final class TidemillTarget implements Target {
  private static final TaskSpec TASK =
      TaskSpec.newBuilder()
          .setType("echo")
          .setPayload(ByteString.copyFromUtf8("0123456789abcdef"))
          .build();

  private final TidemillClient client;

  public TidemillTarget(String plmAddress) {
    this.client = TidemillClient.connect(plmAddress);
  }

  @Override
  public String name() {
    return "tidemill";
  }

  @Override
  public Run run(int count, int outstanding) throws InterruptedException {
    // Roomier than what is kept outstanding here: a task keeps its place until its acknowledgement
    // is there too, which may come after its result.
    SessionOptions options = SessionOptions.defaults().withOutstandingMax(4 * outstanding + 1_024);
    try (TaskSession session = client.openSession(options)) {
      Results results = new Results(session, count);
      long started = System.nanoTime();
      for (int i = 0; i < outstanding && results.next(); i++) {
        session.submit(TASK, results);
      }
      results.done.await();
      return new Run(count, System.nanoTime() - started, results.latency);
    }
  }

  /** Until all are acknowledged; results are not waited for. */
  Run submit(int count, int outstanding) throws InterruptedException {
    SessionOptions options =
        SessionOptions.defaults().withResults(false).withOutstandingMax(outstanding);
    try (TaskSession session = client.openSession(options)) {
      Acknowledgements acknowledged = new Acknowledgements(count);
      long started = System.nanoTime();
      for (int i = 0; i < count; i++) {
        session.submit(TASK, acknowledged);
      }
      acknowledged.done.await();
      return new Run(count, System.nanoTime() - started, acknowledged.latency);
    }
  }

  private static final class Acknowledgements implements ResultListener {
    final CountDownLatch done;
    final Histogram latency = new ConcurrentHistogram(60_000_000_000L, 3);

    Acknowledgements(int count) {
      this.done = new CountDownLatch(count);
    }

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      latency.recordValue(latencyNanos);
      done.countDown();
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {}

    @Override
    public void refused(long handle, Refusal refusal) {
      throw new IllegalStateException("refused: " + refusal.getMessage());
    }
  }

  /** Submits the next task when one has ended. */
  private static final class Results implements ResultListener {
    final CountDownLatch done;
    final Histogram latency = new ConcurrentHistogram(60_000_000_000L, 3);
    private final TaskSession session;
    private final AtomicInteger left;

    Results(TaskSession session, int count) {
      this.session = session;
      this.left = new AtomicInteger(count);
      this.done = new CountDownLatch(count);
    }

    boolean next() {
      return left.getAndDecrement() > 0;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      latency.recordValue(latencyNanos);
      if (next() && session.tryOffer(TASK, this) == 0) {
        throw new IllegalStateException("the session took no task when one had ended");
      }
      done.countDown();
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      throw new IllegalStateException("refused: " + refusal.getMessage());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
