package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.plm.Definitions.Change;
import io.tidemill.shm.journal.DefinitionKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Discards of tasks that would be gone by now anyway. */
class DiscardsTidyTest {
  private static final int COUNT = 3 * Discards.TIDIED_AT_A_TIME / 2;
  private static final byte[] LONG_GONE = ByteBuffer.allocate(Long.BYTES).putLong(12_345).array();

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private TestPlm startWithDiscards() throws Exception {
    TestPlm plm = TestPlm.start(data);
    Change[] discards =
        Stream.iterate(0, i -> i + 1)
            .limit(COUNT)
            .map(i -> new Change(DefinitionKind.TASK_DISCARD, String.format("%016x", i), LONG_GONE))
            .toArray(Change[]::new);
    assertThat(plm.define(discards)).isNull();
    return plm;
  }

  private static List<String> left(TestPlm plm) {
    return List.copyOf(plm.definitions().all(DefinitionKind.TASK_DISCARD).keySet());
  }

  /** Whoever submits or discards meanwhile has his turn between two pieces. */
  @Test
  void forgetsThemInPieces() throws Exception {
    try (TestPlm plm = startWithDiscards()) {
      SessionStream.Shared parts = plm.streams();
      EndedLooks looks = new EndedLooks(plm.instance().regions().tasks(), parts.ends());
      Discards discards = new Discards(plm.definitions(), parts.intake(), looks, parts.ends());
      discards.found();
      assertThat(discards.tidySome()).isTrue();
      assertThat(left(plm)).hasSize(COUNT - Discards.TIDIED_AT_A_TIME);
      assertThat(discards.tidySome()).isFalse();
      assertThat(left(plm)).isEmpty();
      assertThat(discards.tidySome()).isFalse();
    }
  }

  @Test
  void forgetsAllOfThemWhenItIsTime() throws Exception {
    startWithDiscards().close();
    try (TestPlm plm = TestPlm.start(data)) {
      plm.housekeeping().tidy(System.nanoTime());
      assertThat(left(plm)).isEmpty();
    }
  }
}
