package io.tidemill.shm.os;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import io.tidemill.shm.memory.MappedMemory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import net.openhft.chronicle.core.OS;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
  private static final long PAGE = 4096;
  private static final long SIZE = 32 << 20;
  private static final long PLACE = 12 << 20;

  @TempDir Path folder;

  @Test
  void storeToARegionBringsInNoPageBesideItsOwn() throws IOException {
    Path file = allocated();
    try (MappedMemory memory = MappedMemory.visit(file)) {
      memory.putLong(PLACE, 1);

      assertThat(ResidentPages.of(file)).isEqualTo(1);
    }
  }

  @Test
  void bringsInWhatIsWrittenSoon() throws IOException {
    Path file = allocated();
    long address = map(file);
    try {
      PageCache.onePageAtATime(address, SIZE);
      PageCache.bringInToWrite(address + PLACE + 100, 16 * PAGE);

      assertThat(ResidentPages.of(file)).isEqualTo(17);
    } finally {
      OS.unmap(address, SIZE);
    }
  }

  @Test
  void bringsInAllOfAMappingThatIsRead() throws IOException {
    Path file = allocated();
    long address = map(file);
    try {
      PageCache.onePageAtATime(address, SIZE);
      PageCache.readAhead(address, SIZE);

      assertThat(ResidentPages.of(file)).isEqualTo(SIZE / PAGE);
    } finally {
      OS.unmap(address, SIZE);
    }
  }

  @Test
  void letsGoOfWhatIsOnTheDisk() throws IOException {
    Path file = allocated();
    // Chronicle unmaps later, and what is mapped stays.
    long address = map(file);
    new Pointer(address).setLong(PLACE, 1);
    OS.unmap(address, SIZE);
    try (FileChannel channel = Disk.open(file)) {
      Disk.force(file, channel);
    }

    PageCache.letGo(file, SIZE);

    assertThat(ResidentPages.of(file)).isZero();
  }

  @Test
  void writesBehindUpToTheLastWholePage() throws IOException {
    Path file = allocated();

    assertThat(PageCache.writeBehind(file, 0, PLACE + 100)).isEqualTo(PLACE);
    assertThat(PageCache.writeBehind(file, PLACE, PLACE + 200)).isEqualTo(PLACE);
    assertThat(PageCache.writeBehind(folder.resolve("gone"), 0, PLACE)).isZero();
  }

  private Path allocated() throws IOException {
    Path file = folder.resolve("mapped");
    AllocatedFile.create(file, SIZE);
    return file;
  }

  private static long map(Path file) throws IOException {
    try (FileChannel channel = Disk.open(file)) {
      return OS.map(channel, FileChannel.MapMode.READ_WRITE, 0, SIZE);
    }
  }
}
