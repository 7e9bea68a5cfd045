package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The classes of work, each under a small number that slots and lanes use, by their texts (see
 * {@link Lane}): for most tasks the text is their type. The PLM appends; nothing is ever taken out,
 * so a number read from a slot always has its name.
 */
public final class TypeTable {
  public static final int NAME_BYTES_MAX = 508;

  public static final Layout LAYOUT = new Layout("type");
  static final int LENGTH = LAYOUT.intField("length", "PLM", "bytes of the text");
  static final int NAME =
      LAYOUT.bytesField("name", NAME_BYTES_MAX, "PLM", "the lane's text, ASCII");
  static final int STRIDE = LAYOUT.stride(512);

  private static final int COUNT_AT = RegionHeader.BYTES;
  private static final int TYPES_AT = RegionHeader.BYTES + 64;

  private final Memory memory;
  private final int capacity;
  private final Map<String, Integer> known = new HashMap<>();
  private String[] names = new String[0];

  public TypeTable(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return TYPES_AT + (long) capacity * STRIDE;
  }

  /** How many types there are. */
  public int count() {
    int count = memory.getIntAcquire(COUNT_AT);
    if (count < 0 || count > capacity) {
      throw new DamagedException("region=types count=" + count + " capacity=" + capacity);
    }
    return count;
  }

  public int capacity() {
    return capacity;
  }

  /** The number of a type, or -1. By one thread. */
  public int find(String name) {
    Integer number = known.get(name);
    if (number == null) {
      readNew();
      number = known.get(name);
    }
    return number == null ? -1 : number;
  }

  /** The name of a number. By one thread. */
  public String name(int type) {
    if (type >= names.length) {
      readNew();
    }
    if (type < 0 || type >= names.length) {
      throw new DamagedException("region=types type=" + type + " types=" + names.length);
    }
    return names[type];
  }

  /**
   * PLM: the number of a type, new if need be; -1 if the table is full. A crash before the count
   * leaves nothing.
   */
  public int intern(String name) {
    int found = find(name);
    int count = count();
    if (found >= 0 || count == capacity) {
      return found;
    }
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    memory.putInt(at(count) + LENGTH, bytes.length);
    memory.putBytes(at(count) + NAME, bytes, 0, bytes.length);
    memory.putIntRelease(COUNT_AT, count + 1);
    readNew();
    return count;
  }

  private void readNew() {
    int count = count();
    String[] all = java.util.Arrays.copyOf(names, Math.max(count, names.length));
    for (int type = names.length; type < count; type++) {
      all[type] = read(type);
      known.put(all[type], type);
    }
    names = all;
  }

  private String read(int type) {
    int length = Math.max(0, Math.min(NAME_BYTES_MAX, memory.getInt(at(type) + LENGTH)));
    byte[] bytes = new byte[length];
    memory.getBytes(at(type) + NAME, bytes, 0, length);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static int at(int type) {
    return TYPES_AT + type * STRIDE;
  }
}
