package io.tidemill.plm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a stream has yet to be told of: for each end three numbers, since the payloads stay in the
 * journal until the stream takes them. Ends come from the main loop, and leave on whichever thread
 * sends.
 */
final class ResultQueue {
  /** Numbers of an entry. */
  static final int WIDTH = 3;

  /** For all streams together. */
  static final class Total {
    private final AtomicLong entries = new AtomicLong();

    long entries() {
      return entries.get();
    }
  }

  private final LongRing ring = new LongRing();
  private final Total total;
  private volatile int size;
  private boolean closed;

  ResultQueue(Total total) {
    this.total = total;
  }

  /**
   * @param outcome 0: the task is not known
   */
  synchronized void add(long taskId, long outcome, long number) {
    if (closed) {
      return;
    }
    ring.add(taskId);
    ring.add(outcome);
    ring.add(number);
    size = ring.size() / WIDTH;
    total.entries.incrementAndGet();
  }

  int size() {
    return size;
  }

  /** Copies the first entries, each {task id, outcome, number}; answers how many. */
  synchronized int peek(long[] into) {
    int longs = Math.min(ring.size(), into.length / WIDTH * WIDTH);
    for (int i = 0; i < longs; i++) {
      into[i] = ring.get(i);
    }
    return longs / WIDTH;
  }

  synchronized void remove(int entries) {
    int removed = Math.min(entries, ring.size() / WIDTH);
    ring.removeFirst(removed * WIDTH);
    size = ring.size() / WIDTH;
    total.entries.addAndGet(-removed);
  }

  /** The stream has ended: nothing is kept, nothing is taken any more. */
  synchronized void close() {
    closed = true;
    total.entries.addAndGet(-ring.size() / WIDTH);
    ring.clear();
    size = 0;
  }
}
