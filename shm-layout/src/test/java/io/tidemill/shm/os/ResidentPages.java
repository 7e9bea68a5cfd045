package io.tidemill.shm.os;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.core.OS;

/** What the kernel has of a file in memory. */
public final class ResidentPages {
  private static final int PAGE = 4096;

  private ResidentPages() {}

  /** How many pages, whoever brought them there. */
  public static long of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      byte[] resident = new byte[(int) ((size + PAGE - 1) / PAGE)];
      long address = OS.map(channel, FileChannel.MapMode.READ_ONLY, 0, size);
      try {
        Function mincore =
            NativeLibrary.getInstance(Platform.C_LIBRARY_NAME).getFunction("mincore");
        assertThat(mincore.invokeInt(new Object[] {new Pointer(address), size, resident})).isZero();
      } finally {
        OS.unmap(address, size);
      }
      long count = 0;
      for (byte page : resident) {
        count += page & 1;
      }
      return count;
    }
  }

  /** How many pages of a file this process has in its mappings of it. */
  public static long mapped(Path file) throws IOException {
    long kibibytes = 0;
    boolean ofFile = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      String[] words = line.split("\\s+");
      if (words[0].contains("-")) {
        ofFile = line.endsWith(" " + file.toRealPath());
      } else if (ofFile && words[0].equals("Rss:")) {
        kibibytes += Long.parseLong(words[1]);
      }
    }
    return kibibytes * 1024 / PAGE;
  }
}
