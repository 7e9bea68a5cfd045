package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.TaskSpec;
import io.tidemill.worker.TidemillWorker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * By how much delayed tasks start too late, with a worker and a client in this process, so that one
 * clock says both: from the end of the delay, counted from before the submission was sent, to the
 * first instruction of the handler. So it holds the way of the submission and of the assignment,
 * too, and is more than the server itself is late by.
 */
final class Lateness {
  private static final String TYPE = "probe";
  private static final int CAPACITY = 16;
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Histogram micros = new ConcurrentHistogram(3);
  private final AtomicLong early = new AtomicLong();
  private final CountDownLatch ended;

  private Lateness(int count) {
    this.ended = new CountDownLatch(count);
  }

  /**
   * Submits so many, one every 5 ms, and waits until all have started; in us.
   *
   * @param delayMillisMax each has a delay of its own, from 1 to this
   */
  static Histogram measure(BenchInstance instance, int count, int delayMillisMax, long seed)
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
    return lateness.micros;
  }

  private void submit(TidemillClient client, int count, int delayMillisMax, Random random) {
    long next = System.nanoTime();
    for (int i = 0; i < count; i++) {
      next += PERIOD_NANOS;
      for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      int delay = 1 + random.nextInt(delayMillisMax);
      long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay);
      client.submit(
          TaskSpec.newBuilder()
              .setType(TYPE)
              .setDelayMs(delay)
              .setPayload(ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, due)))
              .build());
    }
  }

  private ByteString started(ByteString payload) {
    long late = System.nanoTime() - payload.asReadOnlyByteBuffer().getLong();
    if (late < 0) {
      early.incrementAndGet();
    }
    micros.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(late)));
    ended.countDown();
    return ByteString.EMPTY;
  }
}
