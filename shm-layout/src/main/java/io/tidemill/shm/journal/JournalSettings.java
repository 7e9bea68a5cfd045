package io.tidemill.shm.journal;

import java.nio.file.Path;

/**
 * How a journal is written.
 *
 * @param folder made if it is missing
 * @param cycleBytes a cycle that has reached this size is followed by the next one
 * @param blockBytes how much is mapped at a time, a multiple of 64 KiB; a quarter of it bounds a
 *     record
 * @param keepFreeBytes room on the disk that this journal leaves to others
 * @param forceMillis it is forced so often when nobody asks for it; 0: never
 */
public record JournalSettings(
    Path folder, long cycleBytes, int blockBytes, long keepFreeBytes, int forceMillis) {
  public static final long CYCLE_BYTES = 256L << 20;
  public static final int BLOCK_BYTES = 16 << 20;

  public JournalSettings {
    if (blockBytes < 1 << 18 || blockBytes > 1 << 30 || blockBytes % (1 << 16) != 0) {
      throw new IllegalArgumentException(
          "journal block size: bytes=" + blockBytes + "; 256 KiB to 1 GiB, in steps of 64 KiB");
    }
    if (cycleBytes < 1 << 16 || cycleBytes >= 1L << (Position.OFFSET_BITS - 1)) {
      throw new IllegalArgumentException(
          "journal cycle size: bytes=" + cycleBytes + "; 64 KiB to 512 GiB");
    }
  }

  /** Of a journal that is forced when somebody asks for it. */
  public JournalSettings(Path folder, long cycleBytes, int blockBytes, long keepFreeBytes) {
    this(folder, cycleBytes, blockBytes, keepFreeBytes, 0);
  }

  public static JournalSettings of(Path folder) {
    return new JournalSettings(folder, CYCLE_BYTES, BLOCK_BYTES, 0);
  }

  public JournalSettings keepingFree(long bytes) {
    return new JournalSettings(folder, cycleBytes, blockBytes, bytes, forceMillis);
  }

  public JournalSettings forcingEvery(int millis) {
    return new JournalSettings(folder, cycleBytes, blockBytes, keepFreeBytes, millis);
  }
}
