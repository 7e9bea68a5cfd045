package io.tidemill.bench;

import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** A running instance, through the public client library. */
public final class TidemillTarget implements Target {
  private static final long BYTES_MAX = 256L << 20;

  private final TidemillClient client;
  private final Load load;
  private final BenchInstance instance;

  /** One that has no processes of ours behind it. */
  public TidemillTarget(String plmAddress) {
    this(plmAddress, Load.echo(), null);
  }

  TidemillTarget(BenchInstance instance) {
    this(instance, Load.echo());
  }

  TidemillTarget(BenchInstance instance, Load load) {
    this(instance.plm(), load, instance);
  }

  private TidemillTarget(String plmAddress, Load load, BenchInstance instance) {
    this.client = TidemillClient.connect(plmAddress);
    this.load = load;
    this.instance = instance;
  }

  @Override
  public String name() {
    return "tidemill";
  }

  @Override
  public Map<String, Long> processes() throws IOException {
    return instance == null ? Map.of() : instance.processes();
  }

  @Override
  public Run run(int count, int outstanding) throws InterruptedException {
    // Roomier than what is kept outstanding here: a task keeps its place until its acknowledgement
    // is there too, which may come after its result.
    SessionOptions options = new SessionOptions(4 * outstanding + 1_024, BYTES_MAX, true);
    try (TaskSession session = client.openSession(options)) {
      Results results = new Results(session, count);
      long started = System.nanoTime();
      for (int i = 0; i < outstanding && results.next(); i++) {
        session.submit(load.next(), results);
      }
      results.done.await();
      return new Run(count, System.nanoTime() - started, results.latency);
    }
  }

  /** Submits so many without wanting results: from the first one to the last acknowledgement. */
  public Run submit(int count, int outstanding) throws InterruptedException {
    SessionOptions options = new SessionOptions(outstanding, BYTES_MAX, false);
    try (TaskSession session = client.openSession(options)) {
      Acknowledgements acknowledged = new Acknowledgements(count);
      long started = System.nanoTime();
      for (int i = 0; i < count; i++) {
        session.submit(load.next(), acknowledged);
      }
      acknowledged.done.await();
      return new Run(count, System.nanoTime() - started, acknowledged.latency);
    }
  }

  /** Submits the next task when one has ended. */
  private final class Results implements ResultListener {
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
      if (next() && session.tryOffer(load.next(), this) == 0) {
        throw new IllegalStateException("the session took no task when one had ended");
      }
      done.countDown();
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      throw new IllegalStateException("refused: " + refusal.getMessage());
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
    public void ended(long handle, TaskResult result, long latencyNanos) {
      // Not asked for.
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
