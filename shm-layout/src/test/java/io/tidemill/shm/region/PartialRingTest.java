package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.PartialRing.Look;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PartialRingTest {
  private static final int ENTRIES = 8;

  private final HeapMemory memory =
      TestRegions.memory(
          Kind.PARTIALS, RegionHeader.BYTES + (long) ENTRIES * PartialRing.STRIDE, ENTRIES);
  private final PartialRing ring = new PartialRing(memory);
  private final PartialRing.Part part = new PartialRing.Part();

  private static void write(PartialRing to, long task, int value) {
    byte[] data = {9, (byte) value, (byte) (value + 1)};
    to.write(task, 3, 1, value, data, 1, 2);
  }

  @Test
  void givesPartsOfATaskInTheirOrder() {
    write(ring, 5, 0);
    write(ring, 6, 0);
    write(ring, 5, 2);
    assertThat(ring.end()).isEqualTo(3);
    assertThat(ring.read(0, 5, part)).isEqualTo(Look.READ);
    assertThat(part.position()).isZero();
    assertThat(part.lease()).isEqualTo(3);
    assertThat(part.attempt()).isEqualTo(1);
    assertThat(part.length()).isEqualTo(2);
    assertThat(part.data()).startsWith((byte) 0, (byte) 1);
    assertThat(ring.read(1, 5, part)).isEqualTo(Look.OTHER);
    assertThat(ring.read(2, 5, part)).isEqualTo(Look.READ);
    assertThat(part.position()).isEqualTo(2);
    assertThat(ring.read(3, 5, part)).isEqualTo(Look.NOT_YET);
  }

  @Test
  void keepsTheLastOnesAndSaysWhatIsGone() {
    for (int i = 0; i < 20; i++) {
      write(ring, 5, i);
    }
    assertThat(ring.oldest(ring.end())).isEqualTo(12);
    assertThat(ring.read(11, 5, part)).isEqualTo(Look.GONE);
    for (int i = 12; i < 20; i++) {
      assertThat(ring.read(i, 5, part)).isEqualTo(Look.READ);
      assertThat(part.position()).isEqualTo(i);
    }
    assertThat(ring.read(20, 5, part)).isEqualTo(Look.NOT_YET);
  }

  @Test
  void aNextWriterGoesOnBehindTheLastOne() {
    for (int i = 0; i < 11; i++) {
      write(ring, 5, i);
    }
    write(new PartialRing(memory), 5, 11);
    assertThat(ring.read(11, 5, part)).isEqualTo(Look.READ);
    assertThat(ring.read(10, 5, part)).isEqualTo(Look.READ);
    // Another one has died within the next part.
    long version = RegionHeader.BYTES + 12 % ENTRIES * (long) PartialRing.STRIDE;
    memory.putLong(version + PartialRing.VERSION, 2 * 12 + 1);
    assertThat(ring.read(12, 5, part)).isEqualTo(Look.NOT_YET);
    assertThat(ring.read(4, 5, part)).isEqualTo(Look.GONE);
    write(new PartialRing(memory), 5, 12);
    assertThat(ring.read(12, 5, part)).isEqualTo(Look.READ);
    assertThat(part.position()).isEqualTo(12);
  }

  /** A reader never sees the half of a part. */
  @Test
  void aPartIsWholeOrGone() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; !stop.get(); i++) {
                byte[] data = new byte[PartialRing.DATA_BYTES];
                java.util.Arrays.fill(data, (byte) i);
                ring.write(5, i, i, i, data, 0, data.length);
              }
            });
    writer.start();
    int read = 0;
    long next = 0;
    while (read < 20_000) {
      Look look = ring.read(next, 5, part);
      if (look == Look.READ) {
        assertThat(part.lease()).isEqualTo((int) part.position());
        assertThat(part.data()[0]).isEqualTo((byte) part.position());
        assertThat(part.data()[PartialRing.DATA_BYTES - 1]).isEqualTo((byte) part.position());
        read++;
        next++;
      } else if (look == Look.GONE) {
        next = Math.max(next + 1, ring.oldest(ring.end()));
      }
    }
    stop.set(true);
    writer.join();
  }
}
