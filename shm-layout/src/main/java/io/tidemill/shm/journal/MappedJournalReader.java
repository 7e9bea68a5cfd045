package io.tidemill.shm.journal;

import io.tidemill.shm.journal.CycleScan.End;
import io.tidemill.shm.journal.ScanResult.Flaw;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

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
    return new Scan(from, visitor, false, false).run();
  }

  @Override
  public ScanResult salvage(RecordVisitor visitor) {
    return new Scan(Position.NONE, visitor, true, false).run();
  }

  /** Salvages what there is from a cycle on. */
  ScanResult salvage(int fromCycle, RecordVisitor visitor) {
    return new Scan(Position.of(fromCycle, 0), visitor, true, false).run();
  }

  /**
   * A scan that takes for damage whatever a journal lacks whose files were all forced but the last
   * one of each incarnation: what a loss of power leaves may look whole otherwise.
   */
  ScanResult scanAsForced(int fromCycle) {
    return new Scan(Position.of(fromCycle, 0), record -> {}, false, true).run();
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
    private final boolean assumingForced;
    private final List<Flaw> cuts = new ArrayList<>();
    private final List<Flaw> damage = new ArrayList<>();
    private final ForcedMark.State mark;
    private NavigableMap<Integer, Path> files;
    private int cycle;
    private long document;
    private long flaw;
    private long firstRecord;
    private long records;

    Scan(long from, RecordVisitor visitor, boolean salvaging, boolean assumingForced) {
      this.visitor = visitor;
      this.assumingForced = assumingForced;
      this.salvaging = salvaging;
      this.trusting = (from & DOCUMENT_MARK) != 0;
      this.files = windows.refresh();
      // After the listing: a cycle that is deleted is first noted as such.
      this.mark = trusting ? null : mark();
      dropDeleted();
      boolean fromBeginning = from == Position.NONE && !files.isEmpty();
      this.cycle = fromBeginning ? files.firstKey() : Position.cycle(from);
      this.document = trusting ? Position.offset(from) - DOCUMENT_MARK : 0;
      this.firstRecord = trusting ? 0 : Position.offset(from);
    }

    ScanResult run() {
      // Who follows a writer reads what it has just written.
      windows.readAhead(!trusting);
      try {
        return goThrough();
      } finally {
        windows.readAhead(false);
      }
    }

    private ScanResult goThrough() {
      boolean fromBeginning = firstRecord == 0 && !files.isEmpty() && cycle == files.firstKey();
      if (mark != null && fromBeginning && cycle > mark.firstCycle()) {
        missing(mark.firstCycle());
      }
      boolean more = cycle != 0;
      while (more) {
        more = scanCycle();
      }
      if (mark != null && cycle < lastForcedCycle() && (salvaging || damage.isEmpty())) {
        missing(Math.max(cycle + 1, mark.firstCycle()));
      }
      return result();
    }

    /** A deletion is not forced, and a loss of power may undo some of it. */
    private void dropDeleted() {
      if (mark != null && !files.isEmpty() && files.firstKey() < mark.firstCycle()) {
        files = new TreeMap<>(files.tailMap(mark.firstCycle(), true));
      }
    }

    private ForcedMark.State mark() {
      Path path = folder.path();
      ForcedMark.State found =
          (salvaging ? ForcedMark.readIfSound(path) : ForcedMark.read(path)).orElse(null);
      boolean widen = found != null && assumingForced && !files.isEmpty();
      return widen ? found.next(Position.of(files.lastKey(), 0), 0) : found;
    }

    /** The last cycle that is known to have been forced, or 0. */
    private int lastForcedCycle() {
      int last = Position.cycle(mark.forced());
      return Position.offset(mark.forced()) == 0 ? last - 1 : last;
    }

    private void missing(int number) {
      long position = Position.of(number, 0);
      damage.add(new Flaw(folder.missing(number), 0, position, "a cycle is missing"));
    }

    /**
     * Whether a file lacks something that was on the disk: before the mark every record is there,
     * and every file but the last one of an incarnation has its end mark.
     */
    private boolean lacksForced(End end) {
      boolean known = mark != null && cycle >= mark.since();
      if (!known || cycle > Position.cycle(mark.forced())) {
        return false;
      }
      if (cycle == Position.cycle(mark.forced())) {
        return place(end) < Position.offset(mark.forced());
      }
      Map.Entry<Integer, Path> next = files.higherEntry(cycle);
      // It may have been deleted, as old cycles are, while it was gone through.
      Path file = files.get(cycle);
      boolean sameRun =
          next != null && file != null && next.getValue().getParent().equals(file.getParent());
      return end != End.SEALED && sameRun && isBegun(next.getKey());
    }

    /** Chronicle begins a file after it has ended the one before. */
    private boolean isBegun(int next) {
      Window window = windows.covering(next, 0, Integer.BYTES);
      return window != null && window.bytes().getInt(window.index(0)) != 0;
    }

    private long place(End end) {
      return end == End.TORN ? flaw : document;
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
      flaw = scan.flaw();
      if (end == End.DAMAGED) {
        flaw(damage, flaw, "records stand behind a place that is damaged");
        return salvaging && nextCycle();
      }
      if (lacksForced(end)) {
        flaw(damage, place(end), "records are missing that were forced to the disk");
        return salvaging && nextCycle();
      }
      if (last) {
        files = windows.refresh();
        dropDeleted();
        if (files.higherKey(cycle) != null) {
          // It may have taken more before the next one was begun: once more, from here.
          firstRecord = place(end);
          return true;
        }
      }
      if (end == End.TORN) {
        flaw(cuts, flaw, "a document was not finished");
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
      dropDeleted();
      if (!files.isEmpty() && cycle < files.firstKey()) {
        cycle = files.firstKey();
        document = 0;
        firstRecord = 0;
      }
      return files.containsKey(cycle);
    }

    private void flaw(List<Flaw> flaws, long offset, String what) {
      Path file = files.containsKey(cycle) ? files.get(cycle) : folder.missing(cycle);
      flaws.add(new Flaw(file, offset, Position.of(cycle, offset), what));
    }

    private ScanResult result() {
      long resume = cycle == 0 ? Position.NONE : Position.of(cycle, document) | DOCUMENT_MARK;
      return new ScanResult(records, resume, List.copyOf(cuts), List.copyOf(damage));
    }
  }
}
