package io.tidemill.cli.text;

import java.io.PrintWriter;
import java.util.function.Supplier;

/**
 * A line on the terminal that is written over again and again while work goes on, by a thread of
 * its own. Where there is no terminal it writes nothing.
 */
public final class ProgressLine implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 200;
  private static final int BAR_CELLS = 24;
  private static final int WIDTH = 79;

  private final PrintWriter out;
  private final Supplier<String> text;
  private final Runnable eachTime;
  private final boolean visible;
  private final Thread thread;
  private boolean stopped;
  private int drawn;

  /**
   * @param eachTime runs a few times a second, with or without a terminal
   */
  public ProgressLine(PrintWriter out, boolean visible, Supplier<String> text, Runnable eachTime) {
    this.out = out;
    this.visible = visible;
    this.text = text;
    this.eachTime = eachTime;
    thread = new Thread(this::run, "tidemill-progress");
    thread.setDaemon(true);
    thread.start();
  }

  /** {@code [#####.....] 50 %} of a total; without a total an empty string. */
  public static String bar(long done, long total) {
    if (total <= 0) {
      return "";
    }
    int filled = (int) Math.min(BAR_CELLS, done * BAR_CELLS / total);
    long percent = Math.min(100, done * 100 / total);
    return "["
        + "#".repeat(filled)
        + ".".repeat(BAR_CELLS - filled)
        + "] "
        + String.format("%3d", percent)
        + " %  ";
  }

  private synchronized void run() {
    while (!stopped) {
      draw(text.get());
      eachTime.run();
      try {
        wait(INTERVAL_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void draw(String line) {
    if (!visible) {
      return;
    }
    String cut = line.length() > WIDTH ? line.substring(0, WIDTH) : line;
    out.print("\r" + cut + " ".repeat(Math.max(0, drawn - cut.length())));
    out.flush();
    drawn = cut.length();
  }

  /** Takes the line away. */
  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    draw("");
    if (visible) {
      out.print("\r");
      out.flush();
    }
  }
}
