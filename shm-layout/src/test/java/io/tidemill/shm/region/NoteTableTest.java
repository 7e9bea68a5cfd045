package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.NoteTable.Note;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NoteTableTest {
  private static final long TASK = TaskId.of(1, 1, 5);

  private final Memory memory =
      TestRegions.memory(Kind.PROGRESS_NOTES, NoteTable.bytes(), NoteTable.ENTRIES);
  private final NoteTable notes = new NoteTable(memory);

  @Test
  void remembersTheLastNoteOfATask() {
    assertThat(notes.read(TASK)).isNull();
    notes.write(TASK, 1, 0.25f, "a quarter");
    notes.write(TASK, 2, 0.5f, "");
    assertThat(notes.read(TASK)).isEqualTo(new Note(2, 0.5f, ""));
  }

  @Test
  void tellsTasksOfTheSameSlotApart() {
    notes.write(TASK, 0, 0, "old");
    assertThat(notes.read(TaskId.of(1, 2, 5))).isNull();
    assertThat(notes.read(TaskId.of(2, 1, 5))).isNull();
  }

  @Test
  void letsALaterTaskDisplaceTheNoteOfAnother() {
    long other = TaskId.of(1, 1, 5 + NoteTable.ENTRIES);
    notes.write(TASK, 0, 0, "first");
    notes.write(other, 0, 0, "second");
    assertThat(notes.read(TASK)).isNull();
    assertThat(notes.read(other).text()).isEqualTo("second");
  }

  @Test
  void hasAPlaceForEverySlot() {
    long last = TaskId.of(1, 1, (1 << TaskId.SLOT_BITS) - 1);
    notes.write(last, 0, 1, "the last one");
    assertThat(notes.read(last).text()).isEqualTo("the last one");
  }

  @Test
  void cutsTextsBetweenCharacters() {
    String fits = "x".repeat(NoteTable.TEXT_BYTES);
    assertThat(written(fits)).isEqualTo(fits);
    assertThat(written(fits + "y")).isEqualTo(fits);
    for (String character : new String[] {"\u00e9", "\u20ac", "\ud83d\ude00"}) {
      int bytes = character.getBytes(StandardCharsets.UTF_8).length;
      for (int before = 0; before < bytes; before++) {
        String start = "x".repeat(before);
        int whole = (NoteTable.TEXT_BYTES - before) / bytes;
        assertThat(written(start + character.repeat(300)))
            .isEqualTo(start + character.repeat(whole));
      }
    }
  }

  private String written(String text) {
    notes.write(TASK, 0, 0, text);
    return notes.read(TASK).text();
  }

  @Test
  void hasNoNoteWhereAWriterDiedUntilTheNextOneWrites() {
    notes.write(TASK, 0, 0, "before");
    long version = RegionHeader.BYTES + 5L * NoteTable.STRIDE + NoteTable.VERSION;
    memory.putLong(version, memory.getLong(version) + 1);
    assertThat(notes.read(TASK)).isNull();
    notes.write(TASK, 0, 0, "after");
    assertThat(notes.read(TASK).text()).isEqualTo("after");
  }

  @Test
  void neverShowsHalfANote() {
    Note a = new Note(1, 0.25f, "a".repeat(200));
    Note b = new Note(2, 0.75f, "b");
    notes.write(TASK, a.lease(), a.value(), a.text());
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 20_000; i++) {
                Note next = i % 2 == 0 ? b : a;
                notes.write(TASK, next.lease(), next.value(), next.text());
              }
            });
    while (!writer.isDone()) {
      Note seen = notes.read(TASK);
      if (seen != null) {
        assertThat(seen).isIn(a, b);
      }
    }
    writer.join();
    assertThat(notes.read(TASK)).isEqualTo(a);
  }
}
