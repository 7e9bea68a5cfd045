package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import java.util.Locale;

/** What a handler that is followed emits: lines that say where they stand. */
final class EmittedLines {
  static final String TYPE = "emit";
  static final int LINE_BYTES = 16;

  private EmittedLines() {}

  static ByteString line(long number) {
    return ByteString.copyFromUtf8(String.format(Locale.ROOT, "%015d\n", number));
  }

  /** Whether this is what was emitted from a position on. */
  static boolean isRight(long position, ByteString data) {
    for (int i = 0; i < data.size(); i++) {
      long at = position + i;
      if (data.byteAt(i) != line(at / LINE_BYTES).byteAt((int) (at % LINE_BYTES))) {
        return false;
      }
    }
    return true;
  }
}
