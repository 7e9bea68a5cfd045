package io.tidemill.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadRoundsTest {
  private final DefaultEventExecutorGroup readers = new DefaultEventExecutorGroup(2);
  private final AtomicLong clock = new AtomicLong();
  private final ReadRounds rounds = new ReadRounds(readers, clock::get);

  @AfterEach
  void end() {
    var unused = readers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void hasHeardWhatCameBeforeItAskedOnceAllHaveComeAround() {
    clock.set(10);
    rounds.listen();
    clock.set(20);

    await().until(() -> rounds.heardThrough() == 10);
    assertThat(rounds.heardThrough()).isEqualTo(10);
  }

  @Test
  void hasHeardNothingMoreWhileOneThreadIsKeptFromReading() {
    CountDownLatch kept = new CountDownLatch(1);
    EventExecutor held = readers.next();
    held.execute(() -> awaitUninterruptibly(kept));
    clock.set(10);
    rounds.listen();
    clock.set(20);
    rounds.listen();
    awaitTurn(readers.next());
    assertThat(rounds.heardThrough()).isZero();

    kept.countDown();
    await().until(() -> rounds.heardThrough() == 10);
    rounds.listen();
    await().until(() -> rounds.heardThrough() == 20);
  }

  /** The other one has done what it was asked to. */
  private static void awaitTurn(EventExecutor reader) {
    CountDownLatch done = new CountDownLatch(1);
    var unused = reader.schedule(done::countDown, 20, TimeUnit.MILLISECONDS);
    awaitUninterruptibly(done);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
