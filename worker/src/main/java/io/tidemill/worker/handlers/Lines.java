package io.tidemill.worker.handlers;

import com.google.protobuf.ByteString;
import java.util.function.Consumer;

/**
 * Hands on a program's output by whole lines, so that those of two outputs do not mix; a line that
 * is very long goes in pieces. For one thread.
 */
final class Lines {
  private static final int LINE_BYTES_MAX = 8 * 1024;

  private final Consumer<ByteString> to;
  private ByteString begun = ByteString.EMPTY;

  Lines(Consumer<ByteString> to) {
    this.to = to;
  }

  /** Nobody wants them. */
  static Lines none() {
    return new Lines(lines -> {});
  }

  void add(byte[] chunk, int count) {
    int end = count;
    while (end > 0 && chunk[end - 1] != '\n') {
      end--;
    }
    if (end > 0) {
      to.accept(begun.concat(ByteString.copyFrom(chunk, 0, end)));
      begun = ByteString.EMPTY;
    }
    begun = begun.concat(ByteString.copyFrom(chunk, end, count - end));
    if (begun.size() >= LINE_BYTES_MAX) {
      end();
    }
  }

  /** A last line need not be ended. */
  void end() {
    if (!begun.isEmpty()) {
      to.accept(begun);
      begun = ByteString.EMPTY;
    }
  }
}
