package io.tidemill.plm;

/**
 * The last numbers of a session and the tasks they became, so that what is submitted again after a
 * break gets the same ids. As many as the client may have without an acknowledgement. Not safe for
 * threads: the session guards it.
 */
final class SessionNumbers {
  private final int window;
  private LongRing ids = new LongRing();
  private long base;

  SessionNumbers(int window) {
    this.window = window;
  }

  /** Longs held at the moment. */
  int capacity() {
    return ids.capacity();
  }

  boolean isEmpty() {
    return ids.isEmpty();
  }

  /** The lowest number that is known. */
  long base() {
    return base;
  }

  /**
   * The lowest number that may come (again); lower ones are forgotten. It may lie below those
   * known: a start finds in the journal what was accepted, and what was refused before that comes
   * again.
   */
  long oldest() {
    return Math.max(1, next() - window);
  }

  /** The number after the highest one. */
  long next() {
    return base + ids.size();
  }

  /** The task of a number; 0: it has none that we know. */
  long idOf(long number) {
    long index = number - base;
    return index >= 0 && index < ids.size() ? ids.get((int) index) : 0;
  }

  /**
   * Numbers are given in rising order, but for those that come again; those left out were refused.
   * One that is known already stays.
   */
  void put(long number, long id) {
    if (ids.isEmpty() || number - next() >= window) {
      ids.clear();
      base = number;
    }
    if (number < base) {
      prepend(number, id);
      return;
    }
    if (number < next()) {
      replace(number, id);
      return;
    }
    while (next() < number) {
      append(0);
    }
    append(id);
  }

  private void replace(long number, long id) {
    if (idOf(number) == 0) {
      ids.set((int) (number - base), id);
    }
  }

  private void prepend(long number, long id) {
    if (number < oldest()) {
      return;
    }
    LongRing known = ids;
    long knownBase = base;
    ids = new LongRing();
    base = number;
    ids.add(id);
    while (next() < knownBase) {
      ids.add(0);
    }
    for (int i = 0; i < known.size(); i++) {
      ids.add(known.get(i));
    }
  }

  private void append(long id) {
    if (ids.size() == window) {
      ids.removeFirst(1);
      base++;
    }
    ids.add(id);
  }
}
