package io.tidemill.plm;

import io.tidemill.shm.memory.ChroniclePosix;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * A Chronicle Map from hashed texts that callers give (request ids, unique keys) to tasks, in a
 * file of its own for each incarnation of the PLM, since a killed writer can leave a segment locked
 * for ever. Nobody else opens it. For one thread.
 */
final class KeyMap implements AutoCloseable {
  /** Bytes of a key. */
  static final int KEY_BYTES = 16;

  /** A full map is swept at most so often. */
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * @param folder of the file
   * @param name of what is looked up, which the file is called by
   * @param incarnation of the PLM
   * @param entriesMax how many there may be
   */
  record Settings(Path folder, String name, long incarnation, long entriesMax) {}

  private final Settings settings;
  private final ChronicleMap<byte[], Long> map;
  private final byte[] sample = new byte[KEY_BYTES];
  private long sweptNanos = System.nanoTime() - SWEEP_NANOS;

  private KeyMap(Settings settings, ChronicleMap<byte[], Long> map) {
    this.settings = settings;
    this.map = map;
  }

  static KeyMap create(Settings settings) throws IOException {
    deleteFormer(settings.folder(), settings.name());
    ChroniclePosix.load();
    ChronicleMap<byte[], Long> map =
        ChronicleMapBuilder.of(byte[].class, Long.class)
            .name(settings.name())
            .entries(settings.entriesMax())
            .constantKeySizeBySample(new byte[KEY_BYTES])
            .putReturnsNull(true)
            .removeReturnsNull(true)
            .createPersistedTo(
                settings
                    .folder()
                    .resolve(settings.name() + "." + settings.incarnation() + ".dat")
                    .toFile());
    return new KeyMap(settings, map);
  }

  private static void deleteFormer(Path folder, String name) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name + ".*")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The task, or 0. */
  long get(byte[] key) {
    System.arraycopy(key, 0, sample, 0, KEY_BYTES);
    Long found = map.get(sample);
    return found == null ? 0 : found;
  }

  void put(byte[] key, long taskId) {
    map.put(key, taskId);
  }

  /**
   * Whether another entry fits; sweeps out those whose tasks are no longer known if there is little
   * room.
   */
  boolean hasRoom(LongPredicate isKnown) {
    if (map.longSize() < settings.entriesMax()) {
      return true;
    }
    long now = System.nanoTime();
    if (now - sweptNanos < SWEEP_NANOS) {
      return false;
    }
    sweptNanos = now;
    map.forEachEntry(
        entry -> {
          if (!isKnown.test(entry.value().get())) {
            entry.doRemove();
          }
        });
    return map.longSize() < settings.entriesMax();
  }

  @Override
  public void close() {
    map.close();
  }
}
