package io.tidemill.bench.relay;

import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WakeUp;
import java.io.IOException;
import java.nio.file.Path;

/** The rings and wake words that the relay's three servers share, as Tidemill's do. */
final class RelayMemory {
  private static final long PAGE = 4_096;

  private final Control control;
  private final Rings rings;

  private RelayMemory(Path folder) throws IOException {
    this.control = new Control(MappedMemory.open(folder.resolve("control")));
    this.rings = new Rings(MappedMemory.open(folder.resolve("rings")));
  }

  /** Makes the files, before any of the servers opens them. */
  static void create(Path folder) throws IOException {
    AllocatedFile.create(folder.resolve("control"), pages(Control.bytes()));
    AllocatedFile.create(folder.resolve("rings"), pages(Rings.bytes()));
  }

  /** Nobody needs them any more. */
  static void delete(Path folder) {
    folder.resolve("control").toFile().delete();
    folder.resolve("rings").toFile().delete();
    folder.toFile().delete();
  }

  static RelayMemory open(Path folder) throws IOException {
    return new RelayMemory(folder);
  }

  private static long pages(long bytes) {
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }

  Rings rings() {
    return rings;
  }

  WakeUp wakeUp(Role sleeper) {
    return new WakeUp(control, sleeper);
  }
}
