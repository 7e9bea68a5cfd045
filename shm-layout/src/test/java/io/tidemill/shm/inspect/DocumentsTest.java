package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.ConfigDoc;
import io.tidemill.shm.config.GeneratedPart;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.ErrorLog;
import io.tidemill.shm.region.Layout;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the documents that are drawn from the code to the code. */
class DocumentsTest {
  private static final List<Layout> ALL =
      List.of(
          RegionHeader.LAYOUT,
          Control.SHARED,
          Control.PROCESS,
          ErrorLog.LAYOUT,
          TaskTable.LAYOUT,
          TaskHeap.LANE_LAYOUT,
          TaskHeap.CHUNK,
          WorkerTable.LAYOUT,
          WorkerHeap.LAYOUT,
          Mapping.LAYOUT,
          TypeTable.LAYOUT,
          Ring.LAYOUT,
          NoteTable.LAYOUT,
          PartialRing.LAYOUT);

  @Test
  void sharedMemoryIsAsTheLayoutsAre() throws IOException {
    check("shared-memory.md", LayoutDoc.parts(), LayoutDoc.class);
  }

  @Test
  void configurationIsAsTheKeysAre() throws IOException {
    check("configuration.md", ConfigDoc.parts(), ConfigDoc.class);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void namesEveryFieldOfEveryLayout(Layout layout) {
    String text = LayoutDoc.parts().get("layouts");
    assertThat(text).contains("#### " + layout.name() + ", " + layout.length() + " bytes");
    for (Layout.Field field : layout.fields()) {
      assertThat(text)
          .contains(
              "| "
                  + field.name()
                  + " | "
                  + field.offset()
                  + " | "
                  + field.length()
                  + " | "
                  + field.writer()
                  + " |");
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void layoutsHaveNoFieldOverAnotherOrOutOfLine(Layout layout) {
    int end = 0;
    for (Layout.Field field : layout.fields()) {
      assertThat(field.offset()).as(field.name()).isGreaterThanOrEqualTo(end);
      assertThat(field.offset() % Math.min(8, Integer.highestOneBit(Math.min(field.length(), 4))))
          .as(field.name())
          .isZero();
      end = field.offset() + field.length();
    }
    assertThat(end).isLessThanOrEqualTo(layout.length());
  }

  static List<Layout> layouts() {
    return ALL;
  }

  private static void check(String name, Map<String, String> parts, Class<?> generator)
      throws IOException {
    Path file = Path.of("..", "docs", name);
    String document = Files.readString(file);
    assertThat(document)
        .as(
            "docs/%s differs from the code; build, and run from the repository's root: java -cp"
                + " shm-layout/target/classes %s docs/%s",
            name, generator.getName(), name)
        .isEqualTo(GeneratedPart.replace(document, parts));
    assertThat(document.chars().allMatch(c -> c < 128)).as("docs/%s is ASCII", name).isTrue();
  }
}
