package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One heartbeat stream. What is to be told gathers here, under the guard, and goes out as one
 * message once the guard is let go and the transport takes it: verdicts are cumulative, so a slow
 * reader costs no memory, and one that is too slow is not read from.
 */
final class HeartbeatStream implements StreamObserver<HeartbeatRequest> {
  /** So many answers may wait to be read before the worker is not read from. */
  static final int ANSWERS_MAX = 10_000;

  private final Heartbeats heartbeats;
  private final Guard guard;
  private final ServerCallStreamObserver<HeartbeatResponse> down;

  // Guarded by the guard.
  private Worker worker;
  private long nextReport;
  private HeartbeatRequest held;
  private boolean closed;
  private int unforcedVerdicts;

  private final AtomicInteger flushes = new AtomicInteger();

  // Guarded by this.
  private final List<Verdict> exceptions = new ArrayList<>();
  private final List<CancelOrder> cancels = new ArrayList<>();
  private final List<HeldLease> started = new ArrayList<>();
  private long settled;
  private long settledTold;
  private boolean drain;
  private boolean registerAgain;
  private boolean ping;
  private boolean ending;
  private StatusRuntimeException error;
  private boolean over;
  private boolean readOwed;

  HeartbeatStream(
      Heartbeats heartbeats, Guard guard, ServerCallStreamObserver<HeartbeatResponse> down) {
    this.heartbeats = heartbeats;
    this.guard = guard;
    this.down = down;
  }

  /** Before the call's first message. */
  void begin() {
    down.disableAutoRequest();
    // With a handler of ours, a message to a call that is cancelled meanwhile is dropped silently.
    down.setOnCancelHandler(() -> {});
    down.setOnReadyHandler(this::flush);
    down.request(1);
  }

  // From the transport.

  @Override
  public void onNext(HeartbeatRequest message) {
    guard.run(() -> heartbeats.onMessage(this, message));
  }

  @Override
  public void onError(Throwable broken) {
    guard.run(() -> heartbeats.onBroken(this));
  }

  @Override
  public void onCompleted() {
    guard.run(() -> heartbeats.onBroken(this));
  }

  // Under the guard.

  Worker worker() {
    return worker;
  }

  void worker(Worker opened) {
    worker = opened;
  }

  /** The number that the next report has; 0: none came yet. */
  long nextReport() {
    return nextReport;
  }

  void nextReport(long number) {
    nextReport = number;
  }

  /** A message whose reports wait for room on the disk; nothing is read meanwhile. */
  HeartbeatRequest held() {
    return held;
  }

  void hold(HeartbeatRequest message) {
    held = message;
  }

  /** Its messages mean nothing any more. */
  boolean isClosed() {
    return closed;
  }

  /** How many of its verdicts wait for the disk. */
  int unforcedVerdicts() {
    return unforcedVerdicts;
  }

  void addUnforcedVerdicts(int more) {
    unforcedVerdicts += more;
  }

  /** The message was dealt with: the next one may come. */
  void readNext() {
    guard.afterwards(this::request);
  }

  /** Every report up to this number has its verdict. */
  void settle(long through, List<Verdict> others) {
    synchronized (this) {
      settled = Math.max(settled, through);
      exceptions.addAll(others);
    }
    flushAfterwards();
  }

  void cancel(CancelOrder order) {
    synchronized (this) {
      cancels.add(order);
    }
    flushAfterwards();
  }

  /** A start that its handler waits to be known is known. */
  void started(long taskId, long lease) {
    synchronized (this) {
      started.add(HeldLease.newBuilder().setTaskId(taskId).setLease(lease).build());
    }
    flushAfterwards();
  }

  void drain() {
    synchronized (this) {
      drain = true;
    }
    flushAfterwards();
  }

  void ping() {
    synchronized (this) {
      ping = true;
    }
    flushAfterwards();
  }

  /** The registration is over: says so, and ends the stream. */
  void registerAgain() {
    synchronized (this) {
      registerAgain = true;
    }
    end(null);
  }

  /** Ends the stream, after what there is to tell. */
  void end(StatusRuntimeException with) {
    closed = true;
    held = null;
    synchronized (this) {
      ending = true;
      error = with;
    }
    flushAfterwards();
  }

  private void flushAfterwards() {
    guard.afterwards(this::flush);
  }

  // Outside the guard.

  private void request() {
    synchronized (this) {
      if (exceptions.size() + cancels.size() + started.size() >= ANSWERS_MAX) {
        readOwed = true;
        return;
      }
    }
    down.request(1);
  }

  /**
   * One thread at a time writes, and takes along what others ask for meanwhile. Nothing is held
   * while the transport is called: it may call back, and whoever has the guard must not wait for
   * it.
   */
  private void flush() {
    if (flushes.getAndIncrement() != 0) {
      return;
    }
    int seen;
    do {
      seen = flushes.get();
      flushOnce();
    } while (!flushes.compareAndSet(seen, 0));
  }

  private void flushOnce() {
    HeartbeatResponse news = null;
    boolean last;
    boolean read;
    synchronized (this) {
      if (over || !(down.isReady() || ending)) {
        return;
      }
      if (hasNews()) {
        news = takeNews();
      }
      last = ending;
      over = last;
      read = readOwed && !last;
      readOwed = false;
    }
    if (news != null) {
      down.onNext(news);
    }
    if (last) {
      close();
    } else if (read) {
      down.request(1);
    }
  }

  private boolean hasNews() {
    return settled > settledTold
        || !exceptions.isEmpty()
        || !cancels.isEmpty()
        || !started.isEmpty()
        || drain
        || registerAgain
        || ping;
  }

  private HeartbeatResponse takeNews() {
    HeartbeatResponse message =
        HeartbeatResponse.newBuilder()
            .setSettledThrough(settled)
            .addAllExceptions(exceptions)
            .addAllCancels(cancels)
            .addAllStarted(started)
            .setDrain(drain)
            .setRegisterAgain(registerAgain)
            .setPing(ping)
            .build();
    settledTold = settled;
    exceptions.clear();
    cancels.clear();
    started.clear();
    drain = false;
    registerAgain = false;
    ping = false;
    return message;
  }

  private void close() {
    StatusRuntimeException with;
    synchronized (this) {
      with = error;
    }
    if (with == null) {
      down.onCompleted();
    } else {
      down.onError(with);
    }
  }
}
