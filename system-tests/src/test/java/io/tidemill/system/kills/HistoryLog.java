package io.tidemill.system.kills;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One process's part of the history: a line an event, which is in the kernel's hands when {@link
 * #add} returns, so that a kill takes nothing of it. Whoever reads may cut the file to nothing
 * while nothing happens.
 */
final class HistoryLog implements AutoCloseable {
  private final FileChannel file;

  HistoryLog(Path file) {
    try {
      this.file =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The words must not have spaces in them. */
  synchronized void add(HistoryEvent.Kind kind, Object... words) {
    StringBuilder line = new StringBuilder();
    line.append(kind).append(' ').append(System.currentTimeMillis());
    for (Object word : words) {
      line.append(' ').append(word);
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
