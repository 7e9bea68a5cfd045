package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.plm.Definitions.Change;
import io.tidemill.shm.journal.DefinitionKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefineEachTest {
  @TempDir Path folder;

  @Test
  void makesHoldWhatThereIsRoomForAndSaysHowMany() throws Exception {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < Definitions.COUNT_MAX + 10; i++) {
      changes.add(new Change(DefinitionKind.LIMIT, String.format("k%06d", i), new byte[] {1}));
    }
    int done;
    try (TestPlm plm = TestPlm.start(folder.resolve("data"))) {
      done = plm.acceptance().defineEach(changes);
      assertThat(plm.acceptance().define(changes.subList(done, changes.size()))).isNotNull();
      List<Change> few = changes.subList(0, 3);
      assertThat(plm.acceptance().defineEach(few)).isEqualTo(few.size());
      assertThat(plm.acceptance().defineEach(List.of())).isZero();
    }
    assertThat(done).isBetween(Definitions.COUNT_MAX * 9 / 10, Definitions.COUNT_MAX);
    try (TestPlm plm = TestPlm.start(folder.resolve("data"))) {
      assertThat(plm.definitions().all(DefinitionKind.LIMIT).keySet())
          .containsExactlyElementsOf(changes.subList(0, done).stream().map(Change::name).toList());
    }
  }
}
