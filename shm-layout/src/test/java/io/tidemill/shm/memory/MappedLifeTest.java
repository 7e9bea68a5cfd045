package io.tidemill.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedLifeTest {
  @TempDir Path folder;

  /** A supervisor looks five times a second as long as a server is away. */
  @Test
  void leavesNoMappingOfWhatWasOnlyVisited() throws IOException {
    Path file = Files.write(folder.resolve("visited"), new byte[4_096]);
    for (int i = 0; i < 10; i++) {
      MappedMemory.openReadOnly(file).close();
      MappedMemory.visit(file).close();
    }
    await().untilAsserted(() -> assertThat(mappings(file)).isZero());
  }

  private static long mappings(Path file) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.endsWith(file.toString()))
        .count();
  }
}
