package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionFoldTest {
  @TempDir Path folder;
  private final DefinitionEncoder encoder = new DefinitionEncoder();
  private Journal journal;

  @BeforeEach
  void open() {
    journal = ChronicleJournal.open(JournalSettings.of(folder));
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private long write(long sequence, DefinitionKind kind, String name, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    assertThat(journal.reserve(1_000)).isTrue();
    RunWriter run = journal.begin();
    long position =
        run.append(sequence, encoder.definition(kind.number(), name, sequence * 10, bytes));
    run.commit();
    return position;
  }

  private DefinitionFold fold() {
    DefinitionFold fold = new DefinitionFold();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      assertThat(reader.scan(Position.NONE, fold::read).intact()).isTrue();
    }
    return fold;
  }

  private List<String> held() {
    return fold().live().stream()
        .map(
            each ->
                each.kind()
                    + " "
                    + each.name()
                    + "="
                    + new String(each.body(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void theLastOneOfAKindAndNameCounts() {
    write(1, DefinitionKind.SCHEDULE, "a", "1");
    write(2, DefinitionKind.QUEUE, "a", "2");
    write(3, DefinitionKind.SCHEDULE, "b", "3");
    write(4, DefinitionKind.SCHEDULE, "a", "4");

    assertThat(held()).containsExactly("1 a=2", "2 a=4", "2 b=3");
  }

  @Test
  void anEmptyOneRemoves() {
    write(1, DefinitionKind.LIMIT, "a", "1");
    write(2, DefinitionKind.LIMIT, "a", "");
    write(3, DefinitionKind.LIMIT, "never", "");
    assertThat(held()).isEmpty();

    write(4, DefinitionKind.LIMIT, "a", "again");
    assertThat(held()).containsExactly("3 a=again");
  }

  /** Carried forward it has the sequence that it had, and a later place. */
  @Test
  void aCopyIsTheSameAtAnotherPlace() {
    write(7, DefinitionKind.QUEUE, "a", "1");
    write(8, DefinitionKind.QUEUE, "b", "2");
    long copy = write(7, DefinitionKind.QUEUE, "a", "1");

    Definition first = fold().live().iterator().next();
    assertThat(first.position()).isEqualTo(copy);
    assertThat(first.sequence()).isEqualTo(7);
    assertThat(first.millis()).isEqualTo(70);
    assertThat(held()).containsExactly("1 a=1", "1 b=2");
  }

  @Test
  void keepsWhatALaterReleaseDefines() {
    assertThat(journal.reserve(1_000)).isTrue();
    RunWriter run = journal.begin();
    run.append(1, encoder.definition((byte) 77, "r\u00fcck", 5, new byte[] {9}));
    run.commit();

    Definition only = fold().live().iterator().next();
    assertThat(only.kind()).isEqualTo((byte) 77);
    assertThat(only.name()).isEqualTo("r\u00fcck");
    assertThat(only.body()).containsExactly(9);
    assertThat(DefinitionKind.of(only.kind())).isNull();
  }
}
