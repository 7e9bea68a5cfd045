package io.tidemill.rpc;

import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutorGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What the servers' threads have read, found out when asked: once each of them has come around,
 * whatever had come to a connection before has been handled.
 */
public final class ReadRounds implements Hearing {
  private final List<EventExecutor> readers = new ArrayList<>();
  private final LongSupplier clock;
  private long asked;
  private volatile long through;

  /**
   * @param clock monotonic, in nanoseconds
   */
  public ReadRounds(LongSupplier clock) {
    this(EventLoops.SERVE, clock);
  }

  ReadRounds(EventExecutorGroup readers, LongSupplier clock) {
    readers.forEach(this.readers::add);
    this.clock = clock;
    this.asked = clock.getAsLong();
    this.through = asked;
  }

  @Override
  public long heardThrough() {
    return through;
  }

  /** While a round is under way there is no other. */
  @Override
  public void listen() {
    if (through != asked) {
      return;
    }
    long now = clock.getAsLong();
    asked = now;
    AtomicInteger left = new AtomicInteger(readers.size());
    for (EventExecutor reader : readers) {
      afterReading(
          reader,
          () -> {
            if (left.decrementAndGet() == 0) {
              through = now;
            }
          });
    }
  }

  /**
   * A thread reads from its connections, then does what it was asked to, and so on: what it
   * schedules for itself it does after it has read once more.
   */
  private static void afterReading(EventExecutor reader, Runnable work) {
    reader.execute(
        () -> {
          var unused = reader.schedule(work, 1, TimeUnit.MILLISECONDS);
        });
  }
}
