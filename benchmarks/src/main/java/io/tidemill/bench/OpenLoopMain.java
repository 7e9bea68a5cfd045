package io.tidemill.bench;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Tasks at a fixed rate, whatever comes back: each one's latency counts from the time at which it
 * was to be sent, so that a stall counts for all that it held up.
 */
@Command(name = "open-loop", mixinStandardHelpOptions = true)
public final class OpenLoopMain implements Callable<Integer> {
  private static final TaskSpec TASK =
      TaskSpec.newBuilder()
          .setType("echo")
          .setPayload(ByteString.copyFromUtf8("0123456789abcdef"))
          .build();

  private static final int WARM_TASKS = 300_000;
  private static final int WARM_OUTSTANDING = 20_000;
  private static final int OUTSTANDING_MAX = 4_000_000;

  @Option(names = "--plm", required = true, description = "the instance's PLM, host:port")
  String plm;

  @Option(names = "--rate", defaultValue = "0", description = "tasks a second; 0: by --fraction")
  int rate;

  @Option(
      names = "--fraction",
      defaultValue = "0.5",
      description = "of the highest rate, which is measured first")
  double fraction;

  @Option(names = "--seconds", defaultValue = "60")
  int seconds;

  @Option(names = "--json")
  boolean json;

  private final Histogram latency = new ConcurrentHistogram(60_000_000_000L, 3);
  private final AtomicLong ended = new AtomicLong();

  public static void main(String[] args) {
    System.exit(new CommandLine(new OpenLoopMain()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    double highest = warmUp();
    int perSecond = rate > 0 ? rate : (int) (highest * fraction);
    try (TidemillClient client = TidemillClient.connect(plm);
        TaskSession session =
            client.openSession(SessionOptions.defaults().withOutstandingMax(OUTSTANDING_MAX))) {
      long behind = send(session, perSecond);
      if (!session.awaitQuiet(Duration.ofMinutes(5))) {
        throw new IllegalStateException("results are missing 5 minutes after the last task");
      }
      print(highest, perSecond, behind);
    }
    return 0;
  }

  /** Also the highest rate, of the second of two rounds. */
  private double warmUp() throws InterruptedException {
    try (Target target = new TidemillTarget(plm)) {
      target.run(WARM_TASKS, WARM_OUTSTANDING);
      return target.run(WARM_TASKS, WARM_OUTSTANDING).tasksPerSecond();
    }
  }

  /** Returns by how many nanoseconds the sender itself was late at most: its own ceiling. */
  private long send(TaskSession session, int perSecond) throws InterruptedException {
    long count = (long) perSecond * seconds;
    double gap = 1e9 / perSecond;
    long start = System.nanoTime();
    long late = 0;
    for (long i = 0; i < count; i++) {
      long due = start + (long) (i * gap);
      long now = System.nanoTime();
      while (now < due) {
        LockSupport.parkNanos(due - now);
        now = System.nanoTime();
      }
      late = Math.max(late, now - due);
      session.submit(TASK, new Timed(due));
    }
    return late;
  }

  private final class Timed implements ResultListener {
    private final long due;

    Timed(long due) {
      this.due = due;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      latency.recordValue(System.nanoTime() - due);
      ended.incrementAndGet();
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      System.err.println("refused: " + refusal.getMessage());
    }
  }

  private void print(double highest, int perSecond, long late) {
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("benchmark", "open-loop");
      object.add("machine", Machine.json());
      object.addProperty("highest_tasks_per_s", Math.round(highest));
      object.addProperty("tasks_per_s", perSecond);
      object.addProperty("seconds", seconds);
      object.addProperty("ended", ended.get());
      for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
        object.addProperty("p" + percentile + "_us", micros(percentile));
      }
      object.addProperty("sender_late_us_max", late / 1e3);
      System.out.println(object);
      return;
    }
    System.out.println(Machine.line());
    System.out.printf(
        Locale.ROOT,
        "%,d tasks/s for %d s (highest rate %,.0f/s): p50 %,.0f us   p99 %,.0f us   p99.9 %,.0f us  "
            + " max %,.0f us; the sender was late by %,.0f us at most%n",
        perSecond,
        seconds,
        highest,
        micros(50),
        micros(99),
        micros(99.9),
        micros(100),
        late / 1e3);
  }

  private double micros(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }
}
