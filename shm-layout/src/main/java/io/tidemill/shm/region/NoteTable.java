package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;

/**
 * Short texts about live tasks, each kept until a later task of the same entry displaces it: a
 * note, not a record. There are two such regions, each with one writer: the PLM notes why a task is
 * to be cancelled, the Register how far a task is. A note is read between two looks at its version,
 * which is odd while it is being rewritten; a writer that died meanwhile leaves no note.
 */
public final class NoteTable {
  /** In every region of notes, whatever the settings. */
  public static final int ENTRIES = 4_096;

  public static final int TEXT_BYTES = 228;

  private static final int READS_MAX = 1_000;
  private static final String WRITER = "PLM (cancel-notes), Register (progress-notes)";

  public static final Layout LAYOUT = new Layout("note");
  static final int VERSION =
      LAYOUT.longField("version", WRITER, "odd while what follows is rewritten");
  static final int TASK = LAYOUT.longField("task", WRITER, "the task's id; 0: no note");
  static final int LEASE = LAYOUT.intField("lease", WRITER, "lease number that it is of; 0: none");
  static final int VALUE = LAYOUT.intField("value", WRITER, "a float's bits: 0 to 1 of progress");
  static final int LENGTH = LAYOUT.intField("length", WRITER, "bytes of the text");
  static final int TEXT = LAYOUT.bytesField("text", TEXT_BYTES, WRITER, "UTF-8, cut");
  static final int STRIDE = LAYOUT.stride(256);

  /** What stands about a task; the lease number is 0 where it is of none. */
  public record Note(int lease, float value, String text) {}

  private final Memory memory;
  private final int entries;

  public NoteTable(Memory memory) {
    this.memory = memory;
    this.entries = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes() {
    return RegionHeader.BYTES + (long) ENTRIES * STRIDE;
  }

  /** The region's one writer, one thread at a time: replaces what stands in the task's entry. */
  public void write(long taskId, int lease, float value, String text) {
    long at = at(taskId);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = cut(bytes);
    long version = memory.getLong(at + VERSION) | 1;
    memory.putLongRelease(at + VERSION, version);
    memory.fullFence();
    memory.putLong(at + TASK, taskId);
    memory.putInt(at + LEASE, lease);
    memory.putInt(at + VALUE, Float.floatToIntBits(value));
    memory.putInt(at + LENGTH, length);
    memory.putBytes(at + TEXT, bytes, 0, length);
    memory.putLongRelease(at + VERSION, version + 1);
  }

  /** Null if there is none (any more), or if it is being rewritten again and again. */
  public Note read(long taskId) {
    long at = at(taskId);
    for (int attempt = 0; attempt < READS_MAX; attempt++) {
      long version = memory.getLongAcquire(at + VERSION);
      if ((version & 1) == 0) {
        Note note = memory.getLong(at + TASK) == taskId ? note(at) : null;
        memory.fullFence();
        if (memory.getLongAcquire(at + VERSION) == version) {
          return note;
        }
      }
      Thread.onSpinWait();
    }
    return null;
  }

  private Note note(long at) {
    byte[] bytes = new byte[Math.max(0, Math.min(TEXT_BYTES, memory.getInt(at + LENGTH)))];
    memory.getBytes(at + TEXT, bytes, 0, bytes.length);
    return new Note(
        memory.getInt(at + LEASE),
        Float.intBitsToFloat(memory.getInt(at + VALUE)),
        new String(bytes, StandardCharsets.UTF_8));
  }

  /** How much of a text fits, without a part of a character. */
  private static int cut(byte[] utf8) {
    int length = Math.min(utf8.length, TEXT_BYTES);
    while (length < utf8.length && length > 0 && isWithinCharacter(utf8[length])) {
      length--;
    }
    return length;
  }

  private static boolean isWithinCharacter(byte utf8) {
    return (utf8 & 0xC0) == 0x80;
  }

  private long at(long taskId) {
    return RegionHeader.BYTES + (long) (TaskId.slot(taskId) % entries) * STRIDE;
  }
}
