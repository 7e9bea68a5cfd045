package io.tidemill.plm;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.v1.FollowTaskResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that follow tasks, on a thread of their own, which looks at the mapped files every few
 * milliseconds while there are any and is not there before the first one comes.
 */
final class Follows implements AutoCloseable {
  static final int FOLLOWERS_MAX = 1_000;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Instance instance;
  private final Follower.Sources sources;
  private final Ends ends;
  private final ConcurrentLinkedQueue<Follower> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final List<Follower> followers = new ArrayList<>();
  private final Map<Follower, Ends.Waiter> waiters = new HashMap<>();
  private Thread thread;
  private volatile boolean closed;

  Follows(Instance instance, Ends ends, TaskViews views, Waits waits) {
    this.instance = instance;
    this.ends = ends;
    this.sources =
        new Follower.Sources(
            instance.control().epoch(),
            instance.regions().tasks(),
            instance.regions().progressNotes(),
            instance.regions().partials(),
            views,
            waits);
  }

  /** On the transport's thread: the call goes on by itself. Null, or why it does not. */
  StatusRuntimeException follow(long taskId, ServerCallStreamObserver<FollowTaskResponse> call) {
    Ends.Where where = ends.where(taskId);
    if (where != Ends.Where.IN_SLOT && where != Ends.Where.KEPT) {
      return sources.waits().notFound(taskId);
    }
    if (count.incrementAndGet() > FOLLOWERS_MAX) {
      count.decrementAndGet();
      return full().toException();
    }
    Follower follower = new Follower(sources, taskId, call);
    call.setOnCancelHandler(
        () -> {
          follower.gone();
          wake();
        });
    call.setOnReadyHandler(this::wake);
    arrivals.add(follower);
    begin();
    wake();
    return null;
  }

  private static Refused full() {
    return Refused.exhausted(
        "FOLLOWERS_FULL",
        "too many clients follow tasks: limit="
            + FOLLOWERS_MAX
            + "; try again later, or ask for the task now and then",
        Map.of("limit", Integer.toString(FOLLOWERS_MAX), "retry_after_ms", "1000"),
        1_000);
  }

  private synchronized void begin() {
    if (thread == null && !closed) {
      thread = new Thread(this::run, "follows");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private synchronized void wake() {
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      while (!closed) {
        turn();
        if (followers.isEmpty()) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, LOOK_NANOS);
        }
      }
    } catch (Throwable broken) {
      Fatal.halt(instance, "the following of tasks broke off", broken);
    }
  }

  private void turn() {
    for (Follower each = arrivals.poll(); each != null; each = arrivals.poll()) {
      await(each);
      followers.add(each);
    }
    followers.removeIf(this::isOver);
  }

  /** It is told of the end when that has been taken, or is over already. */
  private void await(Follower follower) {
    Ends.Waiter waiter =
        ends.await(
            follower.taskId(),
            (id, outcome) -> {
              follower.ended();
              wake();
            });
    if (waiter != null) {
      waiters.put(follower, waiter);
    } else if (ends.where(follower.taskId()) == Ends.Where.IN_SLOT) {
      follower.refuse(Waits.full().toException());
      follower.gone();
    } else {
      follower.ended();
    }
  }

  private boolean isOver(Follower follower) {
    boolean over = follower.turn();
    if (over) {
      count.decrementAndGet();
      Ends.Waiter waiter = waiters.remove(follower);
      if (waiter != null) {
        ends.forget(waiter);
      }
    }
    return over;
  }

  @Override
  public void close() throws InterruptedException {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running != null) {
      LockSupport.unpark(running);
      running.join(TimeUnit.SECONDS.toMillis(5));
    }
  }
}
