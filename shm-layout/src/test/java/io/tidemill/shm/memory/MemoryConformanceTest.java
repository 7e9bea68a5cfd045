package io.tidemill.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.os.AllocatedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every memory does, mapped or on the heap. */
abstract class MemoryConformanceTest {
  static final int SIZE = 4_096;

  abstract Memory memory() throws IOException;

  @Test
  void givesBackWhatWasStored() throws IOException {
    Memory memory = memory();
    assertThat(memory.size()).isEqualTo(SIZE);
    memory.putLong(8, -5);
    assertThat(memory.getLong(8)).isEqualTo(-5);
    memory.putLongRelease(16, Long.MAX_VALUE);
    assertThat(memory.getLongAcquire(16)).isEqualTo(Long.MAX_VALUE);
    memory.putInt(24, -7);
    assertThat(memory.getInt(24)).isEqualTo(-7);
    memory.putIntRelease(28, 9);
    assertThat(memory.getIntAcquire(28)).isEqualTo(9);
  }

  @Test
  void swapsOnlyWhatIsExpected() throws IOException {
    Memory memory = memory();
    memory.putLong(0, 1);
    assertThat(memory.casLong(0, 2, 3)).isFalse();
    assertThat(memory.casLong(0, 1, 3)).isTrue();
    assertThat(memory.getLong(0)).isEqualTo(3);
  }

  @Test
  void answersTheValueBeforeAnAddition() throws IOException {
    Memory memory = memory();
    assertThat(memory.getAndAddLong(0, 5)).isZero();
    assertThat(memory.getAndAddLong(0, 5)).isEqualTo(5);
    assertThat(memory.getAndAddInt(8, 3)).isZero();
    assertThat(memory.getAndAddInt(8, -1)).isEqualTo(3);
    assertThat(memory.getInt(8)).isEqualTo(2);
  }

  @Test
  void copiesBytesIntoTheMiddleOfArraysAndBack() throws IOException {
    Memory memory = memory();
    byte[] source = "..tidemill..".getBytes(StandardCharsets.US_ASCII);
    memory.putBytes(100, source, 2, 8);
    byte[] target = "0123456789AB".getBytes(StandardCharsets.US_ASCII);
    memory.getBytes(100, target, 3, 8);
    assertThat(new String(target, StandardCharsets.US_ASCII)).isEqualTo("012tidemillB");
    assertThatThrownBy(() -> memory.getBytes(100, target, 8, 8))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.putBytes(100, target, 8, 8))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesWhatLiesOutside() throws IOException {
    Memory memory = memory();
    assertThatThrownBy(() -> memory.getLong(SIZE - 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.putInt(-4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.casLong(SIZE, 0, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}

class HeapMemoryTest extends MemoryConformanceTest {
  @Override
  Memory memory() {
    return new HeapMemory(SIZE);
  }
}

class MappedMemoryTest extends MemoryConformanceTest {
  @TempDir Path folder;

  @Override
  Memory memory() throws IOException {
    Path file = folder.resolve("memory");
    AllocatedFile.create(file, SIZE);
    return MappedMemory.open(file);
  }

  @Test
  void isSharedWithEveryMappingOfTheFile() throws IOException {
    Memory one = memory();
    Memory other = MappedMemory.open(folder.resolve("memory"));
    one.putLong(64, 42);
    assertThat(other.getLong(64)).isEqualTo(42);
  }
}
