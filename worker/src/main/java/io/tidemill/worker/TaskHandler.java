package io.tidemill.worker;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/**
 * Runs tasks of one type. It is called by as many threads at one time as the worker has capacity.
 *
 * <p>What it returns is the task's result; {@code null} counts as an empty one. What it throws
 * fails the attempt, and the task is tried again while attempts are left; a {@link
 * NonRetryableException} fails it for good. Once the context says that the task is cancelled, an
 * {@link InterruptedException} or a {@link java.util.concurrent.CancellationException} ends it as
 * cancelled; a handler that returns all the same has succeeded.
 */
@FunctionalInterface
public interface TaskHandler {
  ByteString handle(TaskContext context) throws Exception;

  /** A handler whose result is a byte array. */
  @FunctionalInterface
  interface OfBytes {
    byte[] handle(TaskContext context) throws Exception;
  }

  /** A handler whose result is text, sent as UTF-8. */
  @FunctionalInterface
  interface OfText {
    String handle(TaskContext context) throws Exception;
  }

  static TaskHandler ofBytes(OfBytes handler) {
    return context -> {
      byte[] result = handler.handle(context);
      return result == null ? ByteString.EMPTY : ByteString.copyFrom(result);
    };
  }

  static TaskHandler ofText(OfText handler) {
    return context -> {
      String result = handler.handle(context);
      return result == null
          ? ByteString.EMPTY
          : ByteString.copyFrom(result, StandardCharsets.UTF_8);
    };
  }
}
