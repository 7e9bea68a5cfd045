package io.tidemill.plm;

import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.SubmitRun;

/**
 * What a client's session is on the server: its numbers, and the stream it has at the moment. It
 * outlives its streams, and through the journal the process.
 */
final class Session {
  private final long id;

  /** Held while a run is accepted, by whichever thread does it. Guards the numbers. */
  private final Object submitting = new Object();

  private final SessionNumbers numbers;
  private volatile int window;
  private volatile int numbersHeld;
  private volatile SessionStream stream;
  private volatile long detachedNanos = System.nanoTime();

  /**
   * @param numbersMax how many numbers are known again
   */
  Session(long id, int numbersMax) {
    this.id = id;
    this.window = numbersMax;
    this.numbers = new SessionNumbers(numbersMax);
  }

  long id() {
    return id;
  }

  /** How many submissions may be without an acknowledgement. */
  int window() {
    return window;
  }

  /** A stream gets a session that was found in the journal, under what memory there is now. */
  void window(int granted) {
    window = Math.max(granted, numbersHeld);
  }

  /** Null: none is connected. */
  SessionStream stream() {
    return stream;
  }

  /** Gives the session to another stream; answers the one before, or null. */
  synchronized SessionStream attach(SessionStream to) {
    SessionStream before = stream;
    stream = to;
    return before;
  }

  /** A stream has ended; nothing happens if the session has another one by now. */
  synchronized void detach(SessionStream from) {
    if (stream == from) {
      stream = null;
      detachedNanos = System.nanoTime();
    }
  }

  /** When its last stream ended; means nothing while it has one. */
  long detachedNanos() {
    return detachedNanos;
  }

  /** What it takes of the memory that all sessions share, in longs. */
  int weight() {
    return stream == null ? numbersHeld : Math.max(window, numbersHeld);
  }

  /** A start finds a submission in the journal. */
  void known(long number, long taskId) {
    synchronized (submitting) {
      numbers.put(number, taskId);
      numbersHeld = numbers.capacity();
    }
  }

  /** The lowest number that can be submitted (again). */
  long base() {
    synchronized (submitting) {
      return numbers.isEmpty() ? 1 : numbers.oldest();
    }
  }

  /**
   * Accepts a run. The lock is held from the look at the numbers to their entry, so that a run that
   * arrives again on another stream meanwhile finds them.
   *
   * @return null if the session has gone over to another stream, which decides from now on
   */
  Batch submit(SessionStream from, SubmitRun run, Intake intake) {
    Batch batch = Batch.ofSession(run.getTasksList(), id, run.getFirstNumber());
    synchronized (submitting) {
      if (stream != from) {
        return null;
      }
      markKnown(batch, intake);
      intake.accept(batch);
      for (int i = 0; i < batch.size(); i++) {
        numbers.put(batch.number(i), batch.id(i));
      }
      numbersHeld = numbers.capacity();
    }
    return batch;
  }

  private void markKnown(Batch batch, Intake intake) {
    for (int i = 0; i < batch.size() && batch.number(i) < numbers.next(); i++) {
      long known = numbers.idOf(batch.number(i));
      if (known != 0) {
        intake.known(batch, i, known, DuplicateReason.DUPLICATE_REASON_UNSPECIFIED);
      }
    }
  }
}
