package io.tidemill.shm.journal;

import io.tidemill.shm.journal.CycleScan.End;
import io.tidemill.shm.journal.ScanResult.Flaw;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/**
 * Reads a journal's files by mapping them, without Chronicle, whose index is not to be trusted
 * after a crash.
 */
public final class MappedJournalReader implements JournalReader {
  private static final int WINDOWS = 64;

  /** In an offset: a document begins there. Records and documents begin at multiples of 4. */
  private static final long DOCUMENT_MARK = 1;

  private final JournalFolder folder;
  private final Windows windows;
  private final Frames frames;

  /** Reads what there is in a folder, now or later; it need not exist yet. */
  public MappedJournalReader(Path folder) {
    this(folder, WINDOWS);
  }

  /**
   * @param windowsMax how many stretches of 18 MiB are mapped at one time
   */
  public MappedJournalReader(Path folder, int windowsMax) {
    this.folder = new JournalFolder(folder);
    this.windows = new Windows(this.folder, windowsMax);
    this.frames = new Frames(windows);
  }

  @Override
  public boolean read(long position, RecordView view) {
    long offset = Position.offset(position);
    if (offset % RecordDescriptor.ALIGNMENT != 0) {
      return false;
    }
    Window window = frames.valid(Position.cycle(position), offset, Long.MAX_VALUE);
    if (window == null) {
      return false;
    }
    view.wrap(window.bytes(), window.index(offset), position);
    return true;
  }

  @Override
  public ScanResult scan(long from, RecordVisitor visitor) {
    return new Scan(from, visitor, false).run();
  }

  @Override
  public ScanResult salvage(RecordVisitor visitor) {
    return new Scan(Position.NONE, visitor, true).run();
  }

  @Override
  public List<Cycle> cycles() {
    return folder.cycles();
  }

  @Override
  public void forgetCyclesBefore(int cycle) {
    windows.forgetBefore(cycle);
  }

  @Override
  public void trim() {
    windows.unmapAll();
  }

  @Override
  public void close() {
    windows.unmapAll();
  }

  /** One pass over the cycles. */
  private final class Scan {
    private final RecordVisitor visitor;
    private final boolean salvaging;
    private final boolean trusting;
    private final List<Flaw> cuts = new ArrayList<>();
    private final List<Flaw> damage = new ArrayList<>();
    private NavigableMap<Integer, Path> files;
    private int cycle;
    private long document;
    private long firstRecord;
    private long records;

    Scan(long from, RecordVisitor visitor, boolean salvaging) {
      this.visitor = visitor;
      this.salvaging = salvaging;
      this.trusting = (from & DOCUMENT_MARK) != 0;
      this.files = windows.refresh();
      boolean fromBeginning = from == Position.NONE && !files.isEmpty();
      this.cycle = fromBeginning ? files.firstKey() : Position.cycle(from);
      this.document = trusting ? Position.offset(from) - DOCUMENT_MARK : 0;
      this.firstRecord = trusting ? 0 : Position.offset(from);
    }

    ScanResult run() {
      boolean more = cycle != 0;
      while (more) {
        more = scanCycle();
      }
      return result();
    }

    /** Goes through the rest of one file. False: there is nothing to go on with. */
    private boolean scanCycle() {
      if (!files.containsKey(cycle) && !findAnew()) {
        flaw(damage, 0, "a cycle is missing");
        return salvaging && nextCycle();
      }
      // Asked before the file is gone through: it takes nothing any more once there is a next one.
      boolean last = files.higherKey(cycle) == null;
      CycleScan scan =
          new CycleScan(windows, frames, visitor, cycle, document, firstRecord, trusting);
      End end = scan.run();
      if (end == End.DAMAGED && salvaging) {
        scan.showRest();
      }
      records += scan.records();
      document = scan.document();
      if (end == End.DAMAGED) {
        flaw(damage, scan.flaw(), "records stand behind a place that is damaged");
        return salvaging && nextCycle();
      }
      if (last) {
        files = windows.refresh();
        if (files.higherKey(cycle) != null) {
          // It may have taken more before the next one was begun: once more, from here.
          firstRecord = end == End.TORN ? scan.flaw() : document;
          return true;
        }
      }
      if (end == End.TORN) {
        flaw(cuts, scan.flaw(), "a document was not finished");
      }
      return !last && nextCycle();
    }

    private boolean nextCycle() {
      if (files.higherKey(cycle) == null) {
        return false;
      }
      cycle++;
      document = 0;
      firstRecord = 0;
      return true;
    }

    /**
     * Lists the files again: a listing beside a creation may miss it, and old cycles are deleted
     * from the oldest on.
     */
    private boolean findAnew() {
      files = windows.refresh();
      if (!files.isEmpty() && cycle < files.firstKey()) {
        cycle = files.firstKey();
        document = 0;
        firstRecord = 0;
      }
      return files.containsKey(cycle);
    }

    private void flaw(List<Flaw> flaws, long offset, String what) {
      Path missing = folder.path().resolve(CycleNames.fileName(cycle));
      Path file = files.getOrDefault(cycle, missing);
      flaws.add(new Flaw(file, offset, Position.of(cycle, offset), what));
    }

    private ScanResult result() {
      long resume = cycle == 0 ? Position.NONE : Position.of(cycle, document) | DOCUMENT_MARK;
      return new ScanResult(records, resume, List.copyOf(cuts), List.copyOf(damage));
    }
  }
}
