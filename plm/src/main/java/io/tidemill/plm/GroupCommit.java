package io.tidemill.plm;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces the submissions journal for all that wait for it: while one force runs, the next ones to
 * wait gather, and one force serves them all. A disk that fails ends the process with nothing
 * acknowledged.
 */
final class GroupCommit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  private final Instance instance;
  private final Journal journal;
  private final Thread thread;
  private List<Runnable> waiting = new ArrayList<>();
  private boolean closed;

  GroupCommit(Instance instance, Journal journal) {
    this.instance = instance;
    this.journal = journal;
    this.thread = new Thread(this::run, "group-commit");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Runs it on our thread once everything that is in the journal now is on the disk. */
  synchronized void afterForce(Runnable acknowledge) {
    waiting.add(acknowledge);
    notifyAll();
  }

  private void run() {
    try {
      while (awaitWork()) {
        commit();
      }
    } catch (Throwable broken) {
      Fatal.halt(instance, "the submissions journal cannot be forced", broken);
    }
  }

  private synchronized boolean awaitWork() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    return !waiting.isEmpty();
  }

  /** One force, for all that wait now; answers how many do. On our thread. */
  int commit() {
    List<Runnable> served = take();
    if (!served.isEmpty()) {
      journal.force();
      served.forEach(GroupCommit::acknowledge);
    }
    return served.size();
  }

  private synchronized List<Runnable> take() {
    List<Runnable> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  private static void acknowledge(Runnable acknowledgement) {
    try {
      acknowledgement.run();
    } catch (RuntimeException e) {
      LOG.warn("an acknowledgement could not be sent; its client asks again", e);
    }
  }

  /** Serves those who wait, and ends. */
  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.join();
  }
}
