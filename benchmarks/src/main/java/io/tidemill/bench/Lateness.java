package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.TaskSpec;
import io.tidemill.worker.TidemillWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * By how much delayed tasks start too late, with a worker and a client in this process, so that one
 * clock says both: from the moment at which a task is due to the first instruction of its handler.
 *
 * <p>Every other task has a time to run at, which is that moment. The others have a delay, which
 * begins when the server accepts the task; here it is counted from before the submission was sent,
 * so that the way of the submission is in it, too, and it is more than the server is late by.
 */
final class Lateness {
  private static final String TYPE = "probe";
  private static final int CAPACITY = 16;
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** So that a task with a time has been accepted when that comes. */
  private static final int DELAY_MILLIS_MIN = 100;

  private static final int PAYLOAD_BYTES = Long.BYTES + 1;
  private static final byte HAS_TIME = 0;
  private static final byte HAS_DELAY = 1;

  /** What kind of lateness, and how much in us. */
  record Late(Histogram ofTimes, Histogram ofDelays) {}

  private final Histogram ofTimes = new ConcurrentHistogram(3);
  private final Histogram ofDelays = new ConcurrentHistogram(3);
  private final AtomicLong early = new AtomicLong();
  private final CountDownLatch ended;

  private Lateness(int count) {
    this.ended = new CountDownLatch(count);
  }

  /**
   * Submits so many, one every 5 ms, and waits until all have started.
   *
   * @param delayMillisMax each has a delay of its own, up to this
   */
  static Late measure(BenchInstance instance, int count, int delayMillisMax, long seed)
      throws InterruptedException {
    Lateness lateness = new Lateness(count);
    try (TidemillWorker worker =
            TidemillWorker.builder()
                .register(instance.register())
                .workerId("probe")
                .capacity(CAPACITY)
                .logFiguresEvery(Duration.ofHours(1))
                .handler(TYPE, context -> lateness.started(context.payload()))
                .build();
        TidemillClient client = TidemillClient.connect(instance.plm())) {
      worker.start();
      lateness.submit(client, count, delayMillisMax, new Random(seed));
      lateness.ended.await();
    }
    if (lateness.early.get() > 0) {
      throw new IllegalStateException("started before their delay was over: " + lateness.early);
    }
    return new Late(lateness.ofTimes, lateness.ofDelays);
  }

  private void submit(TidemillClient client, int count, int delayMillisMax, Random random) {
    long next = System.nanoTime();
    for (int i = 0; i < count; i++) {
      next += PERIOD_NANOS;
      for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      int delay = DELAY_MILLIS_MIN + random.nextInt(Math.max(1, delayMillisMax - DELAY_MILLIS_MIN));
      client.submit(i % 2 == 0 ? atTime(delay) : afterDelay(delay));
    }
  }

  private static TaskSpec atTime(int delay) {
    long due = System.currentTimeMillis() + delay;
    return task(TimeUnit.MILLISECONDS.toMicros(due), HAS_TIME).setRunAtMs(due).build();
  }

  private static TaskSpec afterDelay(int delay) {
    long due = wallMicros() + TimeUnit.MILLISECONDS.toMicros(delay);
    return task(due, HAS_DELAY).setDelayMs(delay).build();
  }

  private static TaskSpec.Builder task(long dueMicros, byte kind) {
    ByteBuffer payload = ByteBuffer.allocate(PAYLOAD_BYTES).putLong(dueMicros).put(kind);
    return TaskSpec.newBuilder().setType(TYPE).setPayload(ByteString.copyFrom(payload.flip()));
  }

  private ByteString started(ByteString payload) {
    ByteBuffer its = payload.asReadOnlyByteBuffer();
    long late = wallMicros() - its.getLong();
    if (late < 0) {
      early.incrementAndGet();
    }
    (its.get() == HAS_TIME ? ofTimes : ofDelays).recordValue(Math.max(0, late));
    ended.countDown();
    return ByteString.EMPTY;
  }

  private static long wallMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
