package io.tidemill.register;

/** How many results were recorded in each of the last seconds. */
final class RateWindow {
  static final int SECONDS = 5;

  private final long[] totals = new long[SECONDS];
  private long total;
  private int next;

  void add(int count) {
    total += count;
  }

  /** Once a second: results in a thousand seconds, over the last five. */
  int turnMilli() {
    long before = totals[next];
    totals[next] = total;
    next = (next + 1) % SECONDS;
    return (int) Math.min(Integer.MAX_VALUE, (total - before) * 1_000 / SECONDS);
  }
}
