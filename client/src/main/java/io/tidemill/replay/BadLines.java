package io.tidemill.replay;

import java.util.ArrayList;
import java.util.List;

/** What to do about bad lines, and which ones there were: all are counted, the first ones named. */
public final class BadLines {
  private static final int NAMED_MAX = 20;

  private final boolean skip;
  private final List<BadLine> named = new ArrayList<>();
  private long count;

  private BadLines(boolean skip) {
    this.skip = skip;
  }

  /** They are left out. */
  public static BadLines skipped() {
    return new BadLines(true);
  }

  /** The first one is the end of it. */
  public static BadLines refused() {
    return new BadLines(false);
  }

  void add(BadLine line) {
    if (!skip) {
      throw new TraceException(line + "; mend it, or leave such lines out: --on-bad-line skip");
    }
    count++;
    if (named.size() < NAMED_MAX) {
      named.add(line);
    }
  }

  public long count() {
    return count;
  }

  /** The first ones. */
  public List<BadLine> named() {
    return List.copyOf(named);
  }
}
