package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.plm.Definitions.Change;
import io.tidemill.shm.journal.Definition;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
  private final CycleUse cycles = new CycleUse();
  private final Definitions definitions = new Definitions(cycles);
  private long sequence;

  private static Change change(DefinitionKind kind, String name, int bytes) {
    return new Change(kind, name, new byte[bytes]);
  }

  /** Holds from now on, with its record in a cycle. */
  private void hold(int cycle, Change change) {
    sequence++;
    long position = Position.of(cycle, sequence * 8);
    cycles.record(position, sequence, sequence - 1);
    definitions.hold(
        List.of(
            new Definition(
                change.kind().number(), change.name(), 0, change.body(), sequence, position)));
  }

  @Test
  void isAskedByKindAndName() {
    hold(1, change(DefinitionKind.SCHEDULE, "a", 1));
    hold(1, change(DefinitionKind.QUEUE, "a", 2));
    hold(1, change(DefinitionKind.SCHEDULE, "b", 3));

    assertThat(definitions.get(DefinitionKind.QUEUE, "a")).hasSize(2);
    assertThat(definitions.get(DefinitionKind.LIMIT, "a")).isNull();
    assertThat(definitions.all(DefinitionKind.SCHEDULE)).containsOnlyKeys("a", "b");
    assertThat(definitions.all(DefinitionKind.LIMIT)).isEmpty();
  }

  @Test
  void keepsTheCycleOfWhatHolds() {
    hold(1, change(DefinitionKind.QUEUE, "a", 1));
    hold(2, change(DefinitionKind.QUEUE, "b", 1));
    assertThat(cycles.oldestNeeded()).isEqualTo(1);

    hold(3, change(DefinitionKind.QUEUE, "a", 1));
    assertThat(cycles.oldestNeeded()).isEqualTo(2);

    hold(4, Change.removal(DefinitionKind.QUEUE, "b"));
    assertThat(cycles.oldestNeeded()).isEqualTo(3);
    assertThat(cycles.isHeldByLiveOnly(3)).isTrue();
    assertThat(cycles.isHeldByLiveOnly(4)).isFalse();
  }

  @Test
  void refusesMoreThanThereIsRoomForByNumber() {
    for (int i = 0; i < Definitions.COUNT_MAX; i++) {
      hold(1, change(DefinitionKind.LIMIT, "k" + i, 1));
    }
    Refused refused = definitions.check(List.of(change(DefinitionKind.LIMIT, "more", 1)));
    assertThat(refused.reason()).isEqualTo("DEFINITIONS_FULL");
    assertThat(refused.message()).contains("kind=LIMIT", "limit=10000");
    assertThat(definitions.check(List.of(change(DefinitionKind.LIMIT, "k7", 2)))).isNull();
    assertThat(definitions.check(List.of(change(DefinitionKind.QUEUE, "other", 1)))).isNull();

    hold(1, Change.removal(DefinitionKind.LIMIT, "k0"));
    assertThat(definitions.check(List.of(change(DefinitionKind.LIMIT, "more", 1)))).isNull();
    List<Change> two =
        List.of(change(DefinitionKind.LIMIT, "m1", 1), change(DefinitionKind.LIMIT, "m2", 1));
    assertThat(definitions.check(two)).as("two at once").isNotNull();
  }

  @Test
  void refusesMoreThanThereIsRoomForByLength() {
    Change longest = change(DefinitionKind.QUEUE, "a", Definitions.BODY_BYTES_MAX);
    assertThat(definitions.check(List.of(longest))).isNull();
    Refused tooLong =
        definitions.check(
            List.of(change(DefinitionKind.QUEUE, "a", Definitions.BODY_BYTES_MAX + 1)));
    assertThat(tooLong.reason()).isEqualTo("DEFINITION_TOO_LARGE");
    assertThat(tooLong.message()).contains("name=a bytes=262145 limit=262144");

    List<Change> many = new ArrayList<>();
    for (int i = 0; i < Definitions.BYTES_MAX / Definitions.BODY_BYTES_MAX; i++) {
      many.add(new Change(DefinitionKind.QUEUE, "q" + i, longest.body()));
    }
    assertThat(definitions.check(many)).isNull();
    many.forEach(each -> hold(1, each));
    Refused full = definitions.check(List.of(change(DefinitionKind.QUEUE, "more", 1)));
    assertThat(full.reason()).isEqualTo("DEFINITIONS_FULL");
    hold(1, Change.removal(DefinitionKind.QUEUE, "q0"));
    assertThat(definitions.check(List.of(change(DefinitionKind.QUEUE, "more", 1)))).isNull();
  }

  @Test
  void findsWhatStandsInACycle() {
    for (int i = 0; i < 5; i++) {
      hold(1, change(DefinitionKind.QUEUE, "q" + i, 100));
    }
    List<Definition> before = definitions.in(1);
    assertThat(before).hasSize(5).allMatch(definitions::isLast);

    hold(2, change(DefinitionKind.QUEUE, "q0", 100));
    hold(2, Change.removal(DefinitionKind.QUEUE, "q1"));
    assertThat(definitions.in(1)).hasSize(3);
    assertThat(before).filteredOn(definitions::isLast).hasSize(3);
    assertThat(definitions.in(3)).isEmpty();
  }

  @Test
  void holdsNothingOfAnEmptyJournal() {
    definitions.found(new DefinitionFold());
    assertThat(definitions.all(DefinitionKind.QUEUE)).isEmpty();
  }
}
