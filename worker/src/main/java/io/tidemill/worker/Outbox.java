package io.tidemill.worker;

import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskPartial;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The reports that have no verdict yet. A report enters when its task is done, gets its number when
 * it is first sent, keeps it for as long as the registration lasts, and leaves only with its
 * verdict. After another registration the numbers begin with 1 again, in the same order. As many as
 * the window allows, since a task without a verdict still counts as held.
 *
 * <p>Executors add without a lock; numbers are given by whoever sends, one at a time; verdicts come
 * from the heartbeat stream.
 */
final class Outbox {
  static final int MESSAGE_REPORTS_MAX = 512;
  static final int MESSAGE_BYTES_MAX = 1 << 20;

  private final AtomicReference<HeldTask> pending = new AtomicReference<>();

  // Guarded by this: a ring of the numbers head (the first without verdict) to tail - 1, each at
  // its number's low bits.
  private HeldTask[] ring = new HeldTask[1024];
  private long head = 1;
  private long tail = 1;
  private long registration;

  /** By whoever moved the task to DONE. */
  void add(HeldTask task) {
    HeldTask top;
    do {
      top = pending.get();
      task.nextPending = top;
    } while (!pending.compareAndSet(top, task));
  }

  /**
   * Numbers begin anew, for the given registration. Reports that have their verdict already are not
   * carried over.
   */
  synchronized void renumber(long newRegistration, Consumer<HeldTask> dropped) {
    HeldTask[] old = ring;
    long from = head;
    long to = tail;
    ring = new HeldTask[old.length];
    head = 1;
    tail = 1;
    registration = newRegistration;
    for (long number = from; number < to; number++) {
      HeldTask task = old[(int) number & (old.length - 1)];
      if (task.verdictNamedIt) {
        dropped.accept(task);
      } else {
        append(task);
      }
    }
  }

  /**
   * Puts the reports from a number on into a message, as many as one may have.
   *
   * @return the number after the last one; the given one if there is nothing to send
   */
  long fill(long wantedRegistration, long from, HeartbeatRequest.Builder message) {
    HeldTask[] batch;
    long first;
    synchronized (this) {
      if (registration != wantedRegistration) {
        return from;
      }
      numberPending();
      first = Math.max(from, head);
      batch = batchFrom(first);
    }
    if (batch.length == 0) {
      return from;
    }
    message.setFirstReport(first);
    for (HeldTask task : batch) {
      TaskPartial last = task.lastPartial();
      if (last != null) {
        message.addPartials(last);
      }
      message.addReports(task.report());
    }
    return first + batch.length;
  }

  private HeldTask[] batchFrom(long first) {
    int count = (int) Math.min(MESSAGE_REPORTS_MAX, tail - first);
    int bytes = 0;
    HeldTask[] batch = new HeldTask[Math.max(0, count)];
    for (int i = 0; i < count; i++) {
      HeldTask task = at(first + i);
      bytes += task.reportBytes();
      if (i > 0 && bytes > MESSAGE_BYTES_MAX) {
        return java.util.Arrays.copyOf(batch, i);
      }
      batch[i] = task;
    }
    return batch;
  }

  /** The stack of pending reports has the newest on top. */
  private void numberPending() {
    HeldTask newestFirst = pending.getAndSet(null);
    HeldTask oldestFirst = null;
    while (newestFirst != null) {
      HeldTask next = newestFirst.nextPending;
      newestFirst.nextPending = oldestFirst;
      oldestFirst = newestFirst;
      newestFirst = next;
    }
    while (oldestFirst != null) {
      HeldTask next = oldestFirst.nextPending;
      oldestFirst.nextPending = null;
      append(oldestFirst);
      oldestFirst = next;
    }
  }

  private void append(HeldTask task) {
    if (tail - head == ring.length) {
      grow();
    }
    ring[(int) tail & (ring.length - 1)] = task;
    tail++;
  }

  private void grow() {
    HeldTask[] larger = new HeldTask[ring.length * 2];
    for (long number = head; number < tail; number++) {
      larger[(int) number & (larger.length - 1)] = at(number);
    }
    ring = larger;
  }

  private HeldTask at(long number) {
    return ring[(int) number & (ring.length - 1)];
  }

  /**
   * Forgets the reports up to a number: they have their verdicts. One of another registration says
   * nothing.
   */
  synchronized void settle(long ofRegistration, long through, Consumer<HeldTask> settled) {
    if (registration != ofRegistration) {
      return;
    }
    while (head < tail && head <= through) {
      int index = (int) head & (ring.length - 1);
      settled.accept(ring[index]);
      ring[index] = null;
      head++;
    }
  }

  /**
   * A verdict other than recorded. The report keeps its place, as numbers have no gaps within a
   * registration, and is not taken along into the next one.
   *
   * @return its task, or null if it has left
   */
  synchronized HeldTask named(long ofRegistration, long number) {
    if (registration != ofRegistration || number < head || number >= tail) {
      return null;
    }
    HeldTask task = at(number);
    task.verdictNamedIt = true;
    return task;
  }

  /** How many have no verdict, without those that nobody has begun to send. */
  synchronized int size() {
    return (int) (tail - head);
  }

  /** True if there is a report with this number or a later one, or one without a number yet. */
  synchronized boolean hasFrom(long number) {
    return number < tail || pending.get() != null;
  }

  boolean isEmpty() {
    return pending.get() == null && size() == 0;
  }
}
