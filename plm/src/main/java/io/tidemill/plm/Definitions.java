package io.tidemill.plm;

import io.tidemill.shm.journal.Definition;
import io.tidemill.shm.journal.DefinitionEncoder;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RunWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What holds until it is changed, by kind and name: settings of queues, limits, schedules. The
 * truth is the submissions journal, in which the last record of a kind and name counts. Changed
 * under the acceptance's lock, since the journal has one writer (see {@link Acceptance#define});
 * read by any thread.
 *
 * <p>What a crash leaves: before the record is committed the old definition, after it the new one.
 * A start reads all of them; what holds keeps its cycle, and is carried forward, as a live task
 * does and is. So a definition survives for ever, and costs no more than it is long.
 */
final class Definitions {
  /** Of one kind. */
  static final int COUNT_MAX = 10_000;

  /** Of the ends that others wait for, which nobody has written by hand. */
  static final int ENDS_MAX = 100_000;

  /** One of them. */
  static final int BODY_BYTES_MAX = 256 << 10;

  /** All of them: they stand on our heap. */
  static final long BYTES_MAX = 64L << 20;

  private static final byte[] NOTHING = {};

  /**
   * One that is to hold from now on.
   *
   * @param body not to be changed; empty: it is removed
   */
  @SuppressWarnings("ArrayRecordComponent") // Bodies are not compared.
  record Change(DefinitionKind kind, String name, byte[] body) {
    static Change removal(DefinitionKind kind, String name) {
      return new Change(kind, name, NOTHING);
    }
  }

  private record Key(byte kind, String name) {}

  private static final Comparator<Key> ORDER =
      Comparator.comparingInt(Key::kind).thenComparing(Key::name);

  private final ConcurrentSkipListMap<Key, Definition> live = new ConcurrentSkipListMap<>(ORDER);
  private final CycleUse cycles;
  private final DefinitionEncoder encoder = new DefinitionEncoder();
  private final Map<Byte, Integer> counts = new TreeMap<>();
  private long bytes;

  Definitions(CycleUse cycles) {
    this.cycles = cycles;
  }

  /** What a start has found in the journal. */
  void found(DefinitionFold fold) {
    fold.live().forEach(this::put);
  }

  /** What is defined under a name; null: nothing. Not to be changed. */
  byte[] get(DefinitionKind kind, String name) {
    Definition found = live.get(new Key(kind.number(), name));
    return found == null ? null : found.body();
  }

  /** All of a kind, by name: as they are now, and not to be changed. */
  SortedMap<String, byte[]> all(DefinitionKind kind) {
    SortedMap<String, byte[]> all = new TreeMap<>();
    for (Map.Entry<Key, Definition> each :
        live.tailMap(new Key(kind.number(), ""), true).entrySet()) {
      if (each.getKey().kind() != kind.number()) {
        break;
      }
      all.put(each.getKey().name(), each.getValue().body());
    }
    return all;
  }

  /** Those whose last record stands in a cycle: of later releases, too. */
  List<Definition> in(int cycle) {
    List<Definition> all = new ArrayList<>();
    for (Definition each : live.values()) {
      if (Position.cycle(each.position()) == cycle) {
        all.add(each);
      }
    }
    return all;
  }

  /** Whether one holds still, where it stood. */
  boolean isLast(Definition one) {
    Definition last = live.get(new Key(one.kind(), one.name()));
    return last != null && last.position() == one.position();
  }

  // From here on under the acceptance's lock.

  /** Null, or why there is no room for one of them. */
  Refused check(List<Change> changes) {
    long added = 0;
    Map<Byte, Integer> more = new TreeMap<>();
    for (Change change : changes) {
      Key key = new Key(change.kind().number(), change.name());
      if (change.body().length > BODY_BYTES_MAX) {
        return tooLong(change);
      }
      Definition before = live.get(key);
      added += change.body().length - (before == null ? 0 : before.body().length);
      if (before == null && change.body().length > 0) {
        int count = counts.getOrDefault(key.kind(), 0) + more.merge(key.kind(), 1, Integer::sum);
        if (count > countMax(change.kind())) {
          return tooMany(change);
        }
      }
    }
    return added > 0 && bytes + added > BYTES_MAX && !isBounded(changes) ? full() : null;
  }

  /** What these take in the journal at most. */
  static long journalBytes(List<Change> changes) {
    long sum = 0;
    for (Change change : changes) {
      sum += journalBytes(change.name(), change.body());
    }
    return sum;
  }

  private static long journalBytes(String name, byte[] body) {
    return body.length
        + 4L * name.length()
        + 2 * RecordDescriptor.HEADER_LENGTH
        + RecordDescriptor.OVERHEAD_MAX;
  }

  /**
   * Appends them to a run.
   *
   * @param sequence of the first one, drawn for them
   * @return what {@link #hold} takes when the run is committed
   */
  List<Definition> append(RunWriter run, long sequence, List<Change> changes, long millis) {
    List<Definition> appended = new ArrayList<>();
    for (Change change : changes) {
      long number = sequence + appended.size();
      byte kind = change.kind().number();
      long position =
          run.append(number, encoder.definition(kind, change.name(), millis, change.body()));
      cycles.record(position, number, number - 1);
      appended.add(new Definition(kind, change.name(), millis, change.body(), number, position));
    }
    return appended;
  }

  /** They hold from now on. */
  void hold(List<Definition> appended) {
    appended.forEach(this::put);
  }

  private void put(Definition definition) {
    Key key = new Key(definition.kind(), definition.name());
    boolean isRemoval = definition.body().length == 0;
    if (!isRemoval) {
      cycles.hold(definition.position());
    }
    Definition before = isRemoval ? live.remove(key) : live.put(key, definition);
    if (before != null) {
      cycles.release(before.position());
      bytes -= before.body().length;
    }
    bytes += definition.body().length;
    int change = (isRemoval ? 0 : 1) - (before == null ? 0 : 1);
    if (change != 0) {
      counts.merge(key.kind(), change, Integer::sum);
    }
  }

  static long journalBytes(Definition definition) {
    return journalBytes(definition.name(), definition.body());
  }

  /**
   * Appends one that holds to a run again, under its sequence: carries it forward.
   *
   * @param before see {@link CycleUse#record}
   * @return what {@link #hold} takes when the run is committed
   */
  Definition appendAgain(RunWriter run, Definition old, long before) {
    long position =
        run.append(
            old.sequence(), encoder.definition(old.kind(), old.name(), old.millis(), old.body()));
    cycles.record(position, old.sequence(), before);
    return new Definition(
        old.kind(), old.name(), old.millis(), old.body(), old.sequence(), position);
  }

  /** What the acceptance has made room for already: see {@link UniqueHolds#hasRoom}. */
  private static boolean isBounded(List<Change> changes) {
    return changes.stream().allMatch(change -> change.kind() == DefinitionKind.UNIQUE_HOLD);
  }

  private static int countMax(DefinitionKind kind) {
    return switch (kind) {
      case TASK_END -> ENDS_MAX;
      case UNIQUE_HOLD -> Integer.MAX_VALUE;
      default -> COUNT_MAX;
    };
  }

  private static Refused tooLong(Change change) {
    return Refused.invalid(
        "DEFINITION_TOO_LARGE",
        "name",
        SpecCheck.shown(change.name()),
        "what is defined is too long: kind="
            + change.kind()
            + " name="
            + SpecCheck.shown(change.name())
            + " bytes="
            + change.body().length
            + " limit="
            + BODY_BYTES_MAX
            + "; shorten it");
  }

  private static Refused tooMany(Change change) {
    return Refused.exhausted(
        "DEFINITIONS_FULL",
        "no room for another definition: kind="
            + change.kind()
            + " limit="
            + countMax(change.kind())
            + "; delete some that are not needed",
        Map.of("field", "name", "limit", Integer.toString(countMax(change.kind()))),
        0);
  }

  private static Refused full() {
    return Refused.exhausted(
        "DEFINITIONS_FULL",
        "no room for another definition: limit_bytes="
            + BYTES_MAX
            + " of all together; delete some that are not needed",
        Map.of("field", "name", "limit", Long.toString(BYTES_MAX)),
        0);
  }
}
