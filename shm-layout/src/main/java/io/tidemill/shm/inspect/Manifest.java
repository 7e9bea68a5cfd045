package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.region.TaskId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What a backup consists of, with sizes and checksums, in the file {@code manifest}. It is written
 * last, and its last line is a checksum of the ones before, so that a copy of a backup that is not
 * whole is recognised.
 *
 * <pre>
 * tidemill-backup 1
 * created_ms 1700000000000
 * epoch 3
 * file 1a2b3c4d 4096 journal/submissions/run-00000001/19700101-0001.cq4
 * end 5e6f7a8b
 * </pre>
 *
 * @param epoch of the source when all else was copied
 */
record Manifest(long createdMillis, int epoch, List<Entry> files) {
  static final String NAME = "manifest";
  static final String EPOCH = "epoch";

  private static final String FIRST_LINE = "tidemill-backup 1";
  private static final Pattern FILE_LINE = Pattern.compile("file ([0-9a-f]{8}) ([0-9]{1,18}) (.+)");

  /** The names that a backup may have files under: a manifest cannot lead a restore elsewhere. */
  private static final Pattern NAMES =
      Pattern.compile(
          "epoch|tidemill\\.properties"
              + "|journal/(submissions|outcomes)/run-[0-9]{8}/[0-9]{8}-[0-9]{4}\\.cq4");

  /** A file, by its path from the data folder on. */
  record Entry(String name, long bytes, int checksum) {}

  byte[] bytes() {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    text.append("created_ms ").append(createdMillis).append('\n');
    text.append("epoch ").append(epoch).append('\n');
    for (Entry file : files) {
      text.append(String.format("file %08x %d %s\n", file.checksum(), file.bytes(), file.name()));
    }
    text.append(String.format("end %08x\n", checksum(text.toString())));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * @throws InstanceException with a sentence for the user, if it is none or not whole
   */
  static Manifest read(Path backup) throws IOException {
    Path path = backup.resolve(NAME);
    if (!Files.isRegularFile(path)) {
      throw new InstanceException(
          "no backup here: missing=" + path + "; name a folder that `tidemill backup` has made");
    }
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf("end ");
    if (end < 0
        || !text.substring(end)
            .equals(String.format("end %08x\n", checksum(text.substring(0, end))))) {
      throw damaged(path, "its checksum is wrong");
    }
    List<String> lines = text.substring(0, end).lines().toList();
    if (lines.size() < 3 || !lines.get(0).equals(FIRST_LINE)) {
      throw damaged(path, "it is of another version");
    }
    try {
      List<Entry> files = new ArrayList<>();
      for (String line : lines.subList(3, lines.size())) {
        files.add(entry(path, line));
      }
      return new Manifest(
          number(lines.get(1), Long.MAX_VALUE),
          (int) number(lines.get(2), TaskId.EPOCH_MAX),
          files);
    } catch (NumberFormatException e) {
      throw damaged(path, "a number is none, or out of range");
    }
  }

  private static Entry entry(Path path, String line) {
    Matcher matcher = FILE_LINE.matcher(line);
    if (!matcher.matches() || !NAMES.matcher(matcher.group(3)).matches()) {
      throw damaged(path, "a line is not understood: " + line);
    }
    return new Entry(
        matcher.group(3),
        Long.parseLong(matcher.group(2)),
        Integer.parseUnsignedInt(matcher.group(1), 16));
  }

  private static long number(String line, long most) {
    long number = Long.parseLong(line.substring(line.indexOf(' ') + 1));
    if (number < 0 || number > most) {
      throw new NumberFormatException("out of range: " + number);
    }
    return number;
  }

  private static int checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return (int) crc.getValue();
  }

  private static InstanceException damaged(Path path, String what) {
    return new InstanceException(
        "the backup is damaged: path=" + path + " reason=\"" + what + "\"; use another one");
  }
}
