package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.ScanResult;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies a journal while it is written: of each cycle what stands before the end of its last whole
 * record. Nothing of that changes any more, and records keep their positions, which their checksums
 * are made with.
 */
final class JournalCopy {
  private final Path root;
  private final Path folder;
  private final Path draft;
  private final Map<Integer, Long> ends = new HashMap<>();
  private final List<Manifest.Entry> copied = new ArrayList<>();
  private int firstCycle;
  private long records;

  /**
   * @param root the data folder
   * @param folder the journal in it
   * @param draft what will be the backup
   */
  JournalCopy(Path root, Path folder, Path draft) {
    this.root = root;
    this.folder = folder;
    this.draft = draft;
  }

  /** False if a cycle was deleted meanwhile: all is to be done again. */
  boolean copy() throws IOException {
    try (JournalReader reader = Journals.read(folder)) {
      List<Cycle> before = reader.cycles();
      firstCycle = before.isEmpty() ? 0 : before.get(0).number();
      ScanResult result = reader.scan(Position.NONE, this::onRecord);
      records = result.records();
      int lastCycle = Position.cycle(result.resume());
      List<Cycle> after = reader.cycles();
      if (firstOf(after) != firstCycle) {
        return false;
      }
      refuseDamage(folder, result);
      for (Cycle cycle : after) {
        if (cycle.number() <= lastCycle) {
          copy(cycle);
        }
      }
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Whether no cycle has been deleted since it was copied. */
  boolean isStillWhole() {
    try (JournalReader reader = Journals.read(folder)) {
      return firstOf(reader.cycles()) == firstCycle;
    }
  }

  /** Reads the copy as a start would. */
  void verify() {
    Path copy = draft.resolve(root.relativize(folder));
    try (JournalReader reader = Journals.read(copy)) {
      ScanResult result = reader.scan(Position.NONE, record -> {});
      refuseDamage(copy, result);
      if (result.records() != records) {
        throw new InstanceException(
            "the copy of a journal is not as its source: folder="
                + copy
                + " records="
                + result.records()
                + " expected="
                + records
                + "; look after the disk");
      }
    }
  }

  List<Manifest.Entry> copied() {
    return copied;
  }

  long records() {
    return records;
  }

  static void refuseDamage(Path folder, ScanResult result) {
    if (!result.intact()) {
      throw new InstanceException(
          "a journal is damaged: folder=" + folder + " " + result.damage().get(0));
    }
  }

  private void onRecord(RecordView record) {
    long end = Position.offset(record.position()) + record.length();
    long aligned =
        (end + RecordDescriptor.ALIGNMENT - 1)
            / RecordDescriptor.ALIGNMENT
            * RecordDescriptor.ALIGNMENT;
    ends.put(Position.cycle(record.position()), aligned);
  }

  private void copy(Cycle cycle) throws IOException {
    Path name = root.relativize(cycle.file());
    long bytes = ends.getOrDefault(cycle.number(), 0L);
    PrivateFiles.Copied done = PrivateFiles.copy(cycle.file(), draft.resolve(name), bytes);
    copied.add(new Manifest.Entry(name.toString(), done.bytes(), done.checksum()));
  }

  private static int firstOf(List<Cycle> cycles) {
    return cycles.isEmpty() ? 0 : cycles.get(0).number();
  }
}
