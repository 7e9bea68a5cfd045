package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Any bytes as a backup's manifest: refused with a sentence, or the same again when it is written
 * again. The first byte says whether the last line is made right.
 */
public final class ManifestFuzz {
  private static final Path FOLDER = FuzzFolder.make("manifest-fuzz");

  private ManifestFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    String text =
        new String(Arrays.copyOfRange(input, 1, input.length), StandardCharsets.ISO_8859_1);
    boolean sealed = (input[0] & 1) != 0;
    Manifest read = read(sealed ? text + lastLine(text) : text);
    if (read == null) {
      return;
    }
    require(read.epoch() >= 0 && read.createdMillis() >= 0, "numbers below 0");
    read.files().forEach(file -> require(!file.name().contains(".."), "a way out of the folder"));
    String again = new String(read.bytes(), StandardCharsets.ISO_8859_1);
    require(read.equals(read(again)), "a manifest is another one when it is written again");
  }

  private static Manifest read(String text) throws IOException {
    Files.writeString(FOLDER.resolve(Manifest.NAME), text, StandardCharsets.ISO_8859_1);
    try {
      return Manifest.read(FOLDER);
    } catch (InstanceException refused) {
      require(refused.getMessage().contains("path="), "a refusal that does not say where");
      return null;
    }
  }

  private static String lastLine(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return String.format("end %08x\n", (int) crc.getValue());
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
