package io.tidemill.plm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.region.Control;
import io.tidemill.v1.StoredUniqueHold;
import io.tidemill.v1.TaskSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tasks that hold a unique key for a while after their ends. Of those that are in their slots it is
 * kept here who asks for that; what comes after is a definition, written before the slot is freed,
 * so that it is known however long it is, whatever the retention of results. Any thread.
 */
final class UniqueHolds {
  /** Of live tasks and ended ones together: they stand on our heap. */
  static final int COUNT_MAX = 100_000;

  /** What a task asks for. */
  record Asked(String key, long forMillis) {}

  private final Definitions definitions;
  private final Control control;
  private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
  private volatile int held;

  UniqueHolds(Definitions definitions, Control control) {
    this.definitions = definitions;
    this.control = control;
  }

  /** Before its slot is published, so that its end does not come first. */
  void accepted(long id, TaskSpec spec) {
    if (spec.getUniqueForMs() != 0) {
      ask(id, spec.getUniqueKey(), spec.getUniqueForMs());
    }
  }

  void ask(long id, String key, long forMillis) {
    asked.put(id, new Asked(key, forMillis));
  }

  /** No task in a slot asks for it: what most instances see all the time. */
  boolean isEmpty() {
    return asked.isEmpty();
  }

  /** Whether a task is in its slot and will hold its key on. */
  boolean isAsked(long id) {
    return asked.containsKey(id);
  }

  /** Null: it does not. */
  Asked asked(long id) {
    return asked.get(id);
  }

  /** Whether so many more may ask for it. */
  boolean hasRoom(int more) {
    return asked.size() + held + more <= COUNT_MAX;
  }

  /** The ended task that holds a key now; 0: none does. */
  long holder(String key) {
    StoredUniqueHold hold = hold(key);
    return hold != null && hold.getUntilMs() > control.nowMillis() ? hold.getTaskId() : 0;
  }

  /** Null: there is none. */
  StoredUniqueHold hold(String key) {
    byte[] body = definitions.get(DefinitionKind.UNIQUE_HOLD, key);
    return body == null ? null : parse(body);
  }

  /** All of them by key, those that are over and not forgotten yet, too. */
  Map<String, byte[]> all() {
    return definitions.all(DefinitionKind.UNIQUE_HOLD);
  }

  static StoredUniqueHold parse(byte[] body) {
    try {
      return StoredUniqueHold.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a hold of a unique key cannot be read", e);
    }
  }

  // The main loop's side.

  /** What it holds stands in the journal. */
  void written(long id) {
    asked.remove(id);
  }

  /** How many hold one after their ends. */
  void held(int count) {
    held = count;
  }
}
