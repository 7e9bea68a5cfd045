package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Distinct errors of each process, with how often and when, kept in the control region so that they
 * can be read after a crash. Each role writes its own part, one thread at a time.
 */
public final class ErrorLog {
  /** One kind of error: times in wall-clock milliseconds. */
  public record Entry(Role role, long count, long firstMillis, long lastMillis, String text) {}

  public static final Layout LAYOUT = new Layout("error entry");
  static final int COUNT = LAYOUT.longField("count", "the role", "how often; written last");
  static final int FIRST_MS = LAYOUT.longField("first", "the role", "wall clock, ms");
  static final int LAST_MS = LAYOUT.longField("last", "the role", "wall clock, ms");
  static final int LENGTH = LAYOUT.intField("length", "the role", "bytes of the text");
  static final int TEXT = LAYOUT.bytesField("text", 228, "the role", "UTF-8, cut");
  static final int STRIDE = LAYOUT.stride(256);

  private static final int TEXT_MAX = 228;
  private static final int ENTRIES = 16;
  static final int BYTES_PER_ROLE = ENTRIES * STRIDE;

  private final Memory memory;
  private final int start;

  ErrorLog(Memory memory, int start) {
    this.memory = memory;
    this.start = start;
  }

  /**
   * Counts an error under its text. When all entries are taken, the one that is longest ago gives
   * way.
   */
  public synchronized void record(Role role, String text, long nowMillis) {
    byte[] bytes = cut(text);
    int victim = 0;
    for (int i = 0; i < ENTRIES; i++) {
      long at = entry(role, i);
      if (memory.getLong(at + COUNT) != 0 && holds(at, bytes)) {
        memory.putLong(at + LAST_MS, nowMillis);
        memory.putLongRelease(at + COUNT, memory.getLong(at + COUNT) + 1);
        return;
      }
      if (lastUsed(at) < lastUsed(entry(role, victim))) {
        victim = i;
      }
    }
    write(entry(role, victim), bytes, nowMillis);
  }

  /** One that a crash left half written goes first. */
  private long lastUsed(long at) {
    return memory.getLong(at + COUNT) == 0 ? Long.MIN_VALUE : memory.getLong(at + LAST_MS);
  }

  /** Anyone: what stands there; an entry that is being displaced is left out. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    for (Role role : Role.values()) {
      for (int i = 0; i < ENTRIES; i++) {
        Entry entry = read(role, entry(role, i));
        if (entry != null) {
          all.add(entry);
        }
      }
    }
    return all;
  }

  /** Null if there is none, or another one by the time it was read: that has another first time. */
  private Entry read(Role role, long at) {
    long count = memory.getLongAcquire(at + COUNT);
    if (count <= 0) {
      return null;
    }
    Entry entry =
        new Entry(
            role,
            count,
            memory.getLong(at + FIRST_MS),
            memory.getLong(at + LAST_MS),
            new String(text(at), StandardCharsets.UTF_8));
    memory.fullFence();
    boolean same =
        memory.getLongAcquire(at + COUNT) >= count
            && memory.getLong(at + FIRST_MS) == entry.firstMillis();
    return same ? entry : null;
  }

  private void write(long at, byte[] bytes, long nowMillis) {
    memory.putLongRelease(at + COUNT, 0);
    memory.fullFence();
    memory.putLong(at + FIRST_MS, nowMillis);
    memory.putLong(at + LAST_MS, nowMillis);
    memory.putInt(at + LENGTH, bytes.length);
    memory.putBytes(at + TEXT, bytes, 0, bytes.length);
    memory.putLongRelease(at + COUNT, 1);
  }

  private boolean holds(long at, byte[] bytes) {
    return java.util.Arrays.equals(text(at), bytes);
  }

  private byte[] text(long at) {
    int length = Math.max(0, Math.min(TEXT_MAX, memory.getInt(at + LENGTH)));
    byte[] bytes = new byte[length];
    memory.getBytes(at + TEXT, bytes, 0, length);
    return bytes;
  }

  private static byte[] cut(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= TEXT_MAX ? bytes : java.util.Arrays.copyOf(bytes, TEXT_MAX);
  }

  private long entry(Role role, int index) {
    return start + (long) role.ordinal() * BYTES_PER_ROLE + (long) index * STRIDE;
  }
}
