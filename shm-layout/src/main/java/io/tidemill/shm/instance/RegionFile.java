package io.tidemill.shm.instance;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;

/**
 * The header of a mapped file as it stands on the disk, read without mapping it: for those who look
 * at files that anything may have happened to, before they trust their size.
 *
 * @param bytes the file's length
 * @param version of the layout
 * @param stamp the same in all files of a set
 * @param capacity records in this region
 * @param boot id of the boot that the set was made in
 */
public record RegionFile(
    Kind kind, Path path, long bytes, int version, long stamp, long capacity, long boot) {
  /** More than any instance can be set to: what is above is garbage. */
  private static final long TASKS_MAX = 1L << TaskId.SLOT_BITS;

  private static final long TYPES_MAX = 1 << 20;

  /**
   * The headers of a whole set whose files fit together, so that it can be mapped.
   *
   * @throws InstanceException with what is wrong
   */
  public static Map<Kind, RegionFile> readSet(DataDir dir) throws IOException {
    Map<Kind, RegionFile> set = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      set.put(kind, read(kind, dir.mapped(kind)));
    }
    long stamp = set.get(Kind.CONTROL).stamp();
    int tasks = set.get(Kind.TASKS).checkedCapacity(TASKS_MAX);
    int workers = set.get(Kind.WORKERS).checkedCapacity(StateWord.OWNERS_MAX);
    int types = set.get(Kind.TYPES).checkedCapacity(TYPES_MAX);
    for (RegionFile file : set.values()) {
      if (file.stamp() != stamp) {
        throw file.damaged("it is of another set than " + Kind.CONTROL.fileName());
      }
      long expected = Regions.bytes(file.kind(), tasks, workers, types);
      if (file.bytes() != expected || file.capacity() != file.expectedCapacity(tasks, workers)) {
        throw file.damaged("it has " + file.bytes() + " bytes where " + expected + " are due");
      }
    }
    return set;
  }

  private static RegionFile read(Kind kind, Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new InstanceException(
          "no instance here: missing=" + path + "; name the data folder of one that has run");
    }
    HeapMemory header = new HeapMemory(RegionHeader.BYTES);
    long bytes;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      bytes = channel.size();
      ByteBuffer read = ByteBuffer.allocate(RegionHeader.BYTES);
      while (read.hasRemaining() && channel.read(read) >= 0) {}
      header.putBytes(0, read.array(), 0, read.position());
    }
    RegionFile file =
        new RegionFile(
            kind,
            path,
            bytes,
            RegionHeader.version(header),
            RegionHeader.stamp(header),
            RegionHeader.capacity(header),
            RegionHeader.boot(header));
    if (!RegionHeader.sealed(header)) {
      throw file.damaged(
          "it does not begin as a mapped file of Tidemill does, or was never finished");
    }
    if (file.version() != RegionHeader.VERSION) {
      throw new InstanceException(
          "the mapped files have another layout: path="
              + path
              + " version="
              + file.version()
              + " ours="
              + RegionHeader.VERSION
              + "; use the release that made them");
    }
    if (!RegionHeader.isKind(header, kind)) {
      throw file.damaged("it is another region's file");
    }
    return file;
  }

  private int checkedCapacity(long most) {
    if (capacity < 1 || capacity > most) {
      throw damaged("its header names " + capacity + " records, and there can be 1 to " + most);
    }
    return (int) capacity;
  }

  private long expectedCapacity(int tasks, int workers) {
    return switch (kind) {
      case TASKS, TERMS, TIMERS, MAPPING, TASK_HEAP -> tasks;
      case WORKERS, WORKER_HEAP -> workers;
      case CANCEL_NOTES, PROGRESS_NOTES -> NoteTable.ENTRIES;
      case LEASES_TAKEN, LEASES_RETURNED -> LeaseTable.ENTRIES;
      case PARTIALS -> PartialRing.ENTRIES;
      case RULES -> RuleTable.RULES_MAX;
      case CONTROL, TYPES, RINGS -> capacity;
    };
  }

  private InstanceException damaged(String what) {
    return new InstanceException(
        "a mapped file cannot be read: path="
            + path
            + " reason=\""
            + what
            + "\"; a start of the instance makes the files anew from the journals");
  }
}
