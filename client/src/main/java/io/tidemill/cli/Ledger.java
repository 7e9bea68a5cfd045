package io.tidemill.cli;

import io.tidemill.client.TaskStates;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.TaskState;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a client was promised and told, for an audit that believes no server: {@code A <task>} for
 * each acknowledgement, {@code R <task> <STATE>} for each result, {@code S <n>} at the end for how
 * many were submitted. Appended to; a crash leaves whole lines and at most one cut one at the end.
 */
final class Ledger implements AutoCloseable {
  private final BufferedWriter writer;

  Ledger(Path file) {
    try {
      writer =
          Files.newBufferedWriter(
              file,
              StandardCharsets.US_ASCII,
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw CliException.usage("cannot write the ledger: file=" + file + " (" + e + ")");
    }
  }

  void acknowledged(long taskId) {
    line("A " + TaskIds.format(taskId));
  }

  void ended(long taskId, TaskState state) {
    line("R " + TaskIds.format(taskId) + " " + TaskStates.name(state));
  }

  void submitted(long count) {
    line("S " + count);
  }

  private synchronized void line(String line) {
    try {
      writer.write(line);
      writer.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands what was written to the kernel, so that it outlives this process. */
  synchronized void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
