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
 * A Chronicle Map from hashed request ids to tasks, in a file of its own for each incarnation of
 * the PLM, since a killed writer can leave a segment locked for ever. Nobody else opens it. For one
 * thread.
 */
final class RequestIdMap implements AutoCloseable {
  /** Bytes of a key. */
  static final int KEY_BYTES = 16;

  private static final String PREFIX = "request-ids.";

  /** A full map is swept at most so often. */
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * @param folder of the file
   * @param incarnation of the PLM
   * @param entriesMax how many there may be
   */
  record Settings(Path folder, long incarnation, long entriesMax) {}

  private final Settings settings;
  private final ChronicleMap<byte[], Long> map;
  private final byte[] sample = new byte[KEY_BYTES];
  private long sweptNanos = System.nanoTime() - SWEEP_NANOS;

  private RequestIdMap(Settings settings, ChronicleMap<byte[], Long> map) {
    this.settings = settings;
    this.map = map;
  }

  static RequestIdMap create(Settings settings) throws IOException {
    deleteFormer(settings.folder());
    ChroniclePosix.load();
    ChronicleMap<byte[], Long> map =
        ChronicleMapBuilder.of(byte[].class, Long.class)
            .name("request-ids")
            .entries(settings.entriesMax())
            .constantKeySizeBySample(new byte[KEY_BYTES])
            .putReturnsNull(true)
            .removeReturnsNull(true)
            .createPersistedTo(
                settings.folder().resolve(PREFIX + settings.incarnation() + ".dat").toFile());
    return new RequestIdMap(settings, map);
  }

  private static void deleteFormer(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
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
