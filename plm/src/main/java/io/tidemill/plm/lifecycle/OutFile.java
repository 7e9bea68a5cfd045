package io.tidemill.plm.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a process says on its standard streams from one start on. Logs go elsewhere, so this holds
 * what the virtual machine says, and the one sentence of a start that failed.
 */
record OutFile(Path file, long from) {
  /** With less of the disk free than this, what a process says may not get into its file. */
  static final long ROOM_FOR_WORDS = 1 << 16;

  private static final long BYTES_KEPT = 1 << 20;
  private static final int BYTES_READ = 64 << 10;
  private static final Pattern OWN_SENTENCE = Pattern.compile("tidemill [a-z0-9-]+: .*");

  /** To be continued by a new process; begun anew when it has become long. */
  static OutFile continued(Path file) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size > BYTES_KEPT) {
      Files.delete(file);
      size = 0;
    }
    return new OutFile(file, size);
  }

  /** The process's own last sentence, without its name before it; else the last line of anybody. */
  Optional<String> lastSentence() {
    List<String> lines = text().lines().filter(line -> !line.isBlank()).toList();
    Optional<String> own =
        lines.stream()
            .filter(line -> OWN_SENTENCE.matcher(line).matches())
            .reduce((first, second) -> second)
            .map(line -> line.substring(line.indexOf(": ") + 2));
    return own.or(() -> lines.stream().reduce((first, second) -> second)).map(String::strip);
  }

  private String text() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long start = Math.max(from, channel.size() - BYTES_READ);
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - start));
      channel.read(bytes, start);
      return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    } catch (IOException e) {
      return "cannot read what it said: " + e;
    }
  }
}
