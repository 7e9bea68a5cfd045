package io.tidemill.worker.handlers;

import io.tidemill.worker.NonRetryableException;
import io.tidemill.worker.TaskContext;
import io.tidemill.worker.TaskHandler;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** The table of stock task types, and the small ones among them. */
public final class StockHandlers {
  private static final int SHOWN_CHARS_MAX = 40;

  private StockHandlers() {}

  /**
   * The handlers by type. {@code exec} runs programs of the submitter's choice, so it is there only
   * where it is allowed.
   */
  public static Map<String, TaskHandler> all(boolean allowExec) {
    Map<String, TaskHandler> handlers = new LinkedHashMap<>();
    handlers.put("echo", TaskContext::payload);
    handlers.put("sleep", TaskHandler.ofBytes(StockHandlers::sleep));
    handlers.put("spin", TaskHandler.ofBytes(StockHandlers::spin));
    handlers.put("prime", TaskHandler.ofText(Prime::handle));
    handlers.put("wordcount", WordCount::handle);
    if (allowExec) {
      handlers.put("exec", new Exec());
    }
    return Collections.unmodifiableMap(handlers);
  }

  /** Sleeps for the payload's microseconds; cancellation interrupts it. */
  private static byte[] sleep(TaskContext context) throws Exception {
    TimeUnit.MICROSECONDS.sleep(decimal(context, "microseconds"));
    return null;
  }

  /** Keeps a core busy for the payload's microseconds. */
  private static byte[] spin(TaskContext context) throws Exception {
    long micros = decimal(context, "microseconds");
    long start = System.nanoTime();
    while ((System.nanoTime() - start) / 1_000 < micros) {
      throwIfCancelled(context);
      Thread.onSpinWait();
    }
    return null;
  }

  static void throwIfCancelled(TaskContext context) {
    if (context.isCancelled()) {
      throw new CancellationException(context.cancelReason());
    }
  }

  /** The payload as a decimal number of 0 to 2^63-1; an empty one is 0. */
  static long decimal(TaskContext context, String what) throws NonRetryableException {
    String text = context.payload().toStringUtf8().strip();
    if (text.isEmpty()) {
      return 0;
    }
    try {
      if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return Long.parseLong(text);
      }
    } catch (NumberFormatException tooLong) {
      throw bad(what, text);
    }
    throw bad(what, text);
  }

  private static NonRetryableException bad(String what, String text) {
    String shown =
        text.length() > SHOWN_CHARS_MAX ? text.substring(0, SHOWN_CHARS_MAX) + "..." : text;
    return new NonRetryableException(
        "the payload is not a number: field="
            + what
            + " value='"
            + shown
            + "'; give decimal digits, 0 to 9223372036854775807");
  }
}
