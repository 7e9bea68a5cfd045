package io.tidemill.worker;

import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.WorkerLoad;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The one writer of the heartbeat stream, whichever thread it is: a counter of requests decides who
 * writes, and the one who does takes along what others ask for meanwhile.
 *
 * <p>An executor with nothing else to do sends its result itself, in line, one message at most.
 * What comes while a message is made goes into the next one, made by the sender's own thread, so
 * that no executor is kept from its tasks by the sending of others' results.
 */
final class ReportSender {
  private final Outbox outbox;
  private final RunWatch watch;
  private final Supplier<WorkerLoad> load;
  private final boolean withholdReports;
  private final Thread thread;

  private final AtomicInteger requests = new AtomicInteger();
  private volatile HeartbeatLink link;
  private volatile boolean beatDue;
  private volatile boolean draining;
  private volatile boolean leaving;

  // The thread's alarm clock.
  private volatile boolean signalled;
  private volatile boolean asleep;
  private volatile boolean closed;

  /**
   * @param withholdReports failure injection: reports are never sent
   */
  ReportSender(
      Outbox outbox,
      RunWatch watch,
      Supplier<WorkerLoad> load,
      boolean withholdReports,
      String threadName) {
    this.outbox = outbox;
    this.watch = watch;
    this.load = load;
    this.withholdReports = withholdReports;
    this.thread = new Thread(this::run, threadName);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** By the control thread; null: there is no stream now. */
  void use(HeartbeatLink next) {
    link = next;
    wake();
  }

  void beat() {
    beatDue = true;
    wake();
  }

  /** Every message says from now on that nothing new is taken. */
  void draining() {
    draining = true;
    beat();
  }

  /** The last message, once nothing is held any more; ends the stream from this side. */
  void leave() {
    leaving = true;
    wake();
  }

  /** Sends on the sender's own thread. */
  void wake() {
    if (!signalled) {
      signalled = true;
      if (asleep) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** Sends one message on this thread, unless another one is at it. */
  void sendInLine() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    HeartbeatLink to = link;
    boolean more = sendOne() && outbox.hasFrom(to.nextReport);
    boolean askedMeanwhile = !requests.compareAndSet(1, 0);
    if (askedMeanwhile) {
      requests.set(0);
    }
    if (askedMeanwhile || more) {
      wake();
    }
  }

  private void run() {
    while (!closed) {
      sleepUntilSignalled();
      signalled = false;
      sendAll();
    }
  }

  private void sleepUntilSignalled() {
    asleep = true;
    while (!signalled && !closed) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  private void sendAll() {
    if (requests.getAndIncrement() != 0) {
      return;
    }
    int seen;
    do {
      seen = requests.get();
      while (sendOne()) {
        seen = requests.get();
      }
    } while (!requests.compareAndSet(seen, 0));
  }

  /** By the one writer: true if a message was sent, and there may be more. */
  private boolean sendOne() {
    HeartbeatLink to = link;
    if (to == null || !to.isReady()) {
      return false;
    }
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder();
    boolean last = leaving;
    boolean any = greet(to, message);
    any |= addReports(to, message);
    any |= addBeatAndNews(message);
    if (!any && !last) {
      return false;
    }
    to.send(message.setDraining(draining).setLeaving(last).build());
    if (last) {
      link = null;
      to.halfClose();
    }
    return !last;
  }

  private boolean greet(HeartbeatLink to, HeartbeatRequest.Builder message) {
    if (to.greeted) {
      return false;
    }
    to.greeted = true;
    message.setWorkerKey(to.registration.workerKey());
    watch.tellStartsAgain();
    return true;
  }

  private boolean addReports(HeartbeatLink to, HeartbeatRequest.Builder message) {
    if (withholdReports) {
      return false;
    }
    long next = outbox.fill(to.registration.number(), to.nextReport, message);
    boolean any = next != to.nextReport;
    to.nextReport = next;
    return any;
  }

  private boolean addBeatAndNews(HeartbeatRequest.Builder message) {
    boolean isBeat = beatDue;
    if (isBeat) {
      beatDue = false;
      message.setLoad(load.get());
    }
    boolean anyNews = watch.collect(message, isBeat);
    return isBeat || anyNews;
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
