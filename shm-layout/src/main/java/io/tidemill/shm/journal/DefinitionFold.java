package io.tidemill.shm.journal;

import java.util.Collection;
import java.util.Comparator;
import java.util.TreeMap;

/**
 * The definitions that hold after all that stands in a journal: the last record of a kind and name
 * counts, and an empty one removes it. What was carried forward has the sequence that it had.
 */
public final class DefinitionFold {
  private record Key(byte kind, String name) {}

  private static final Comparator<Key> ORDER =
      Comparator.comparingInt(Key::kind).thenComparing(Key::name);

  private final TreeMap<Key, Definition> live = new TreeMap<>(ORDER);
  private final DefinitionDecoder decoder = new DefinitionDecoder();

  /** Takes a record, which is of the kind. In the order of their positions. */
  public void read(RecordView record) {
    decoder.wrap(record);
    Key key = new Key(decoder.definition(), decoder.name());
    Definition before = live.get(key);
    if (before != null && before.sequence() > record.sequence()) {
      return;
    }
    byte[] body = decoder.body();
    if (body.length == 0) {
      live.remove(key);
    } else {
      live.put(
          key,
          new Definition(
              key.kind(),
              key.name(),
              decoder.millis(),
              body,
              record.sequence(),
              record.position()));
    }
  }

  /** By kind and name. */
  public Collection<Definition> live() {
    return live.values();
  }
}
