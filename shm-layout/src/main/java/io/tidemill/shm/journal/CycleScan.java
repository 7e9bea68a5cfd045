package io.tidemill.shm.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import net.openhft.chronicle.wire.Wires;

/**
 * Goes through the documents of one cycle file, in the order of writing.
 *
 * <p>A document is a header of 4 bytes (its length, a bit for what is Chronicle's own, and 0 until
 * its writer has finished) and a payload; the next header follows at a multiple of 4. What a killed
 * writer leaves is records behind a header that is 0; what a failing disk leaves may be anything,
 * but then there are records behind it.
 */
final class CycleScan {
  /** How the documents of a file end. */
  enum End {
    /** With Chronicle's end mark: another file follows. */
    SEALED,
    /** With nothing. */
    OPEN,
    /** With a document or record that is not whole, and nothing behind it. */
    TORN,
    /** Not yet: valid records stand behind something that is none. */
    DAMAGED
  }

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LOOKS = 8;
  private static final int HEADER = Wires.SPB_HEADER_SIZE;

  private final Windows windows;
  private final Frames frames;
  private final RecordVisitor visitor;
  private final RecordView view = new RecordView();
  private final int cycle;
  private final long firstRecord;
  private final boolean trusting;
  private long document;
  private long flaw;
  private long records;

  /**
   * It finished a document while we judged that: what stands behind the last one is its business.
   */
  private boolean writerSeen;

  /**
   * @param document where the first document's header stands
   * @param firstRecord records before it are not shown
   * @param trusting the writer lives, so whatever stands behind the last document is its business
   */
  CycleScan(
      Windows windows,
      Frames frames,
      RecordVisitor visitor,
      int cycle,
      long document,
      long firstRecord,
      boolean trusting) {
    this.windows = windows;
    this.frames = frames;
    this.visitor = visitor;
    this.cycle = cycle;
    this.document = document;
    this.firstRecord = firstRecord;
    this.trusting = trusting;
  }

  End run() {
    while (true) {
      int header = header(document);
      if (header == Wires.END_OF_DATA) {
        return End.SEALED;
      }
      if (Wires.isNotComplete(header)) {
        End end = trusting || writerSeen ? End.OPEN : judgeUnfinished(header);
        if (end != null) {
          return end;
        }
        // Judging takes as long as the rest of the file: to judge each of its documents anew would
        // never end beside a writer that is quicker.
        writerSeen = header(document) != header;
        continue;
      }
      long end = document + HEADER + Wires.lengthOf(header);
      boolean sound = Wires.isData(header) ? showRecords(end) : isChroniclesOwn(end);
      if (!sound) {
        return frames.find(cycle, flaw) < 0 ? End.TORN : End.DAMAGED;
      }
      document = (end + HEADER - 1) & -HEADER;
    }
  }

  /** Behind damage: shows each valid record that is left, wherever documents begin and end. */
  void showRest() {
    // A document may begin between two places where a record can.
    long at = frames.find(cycle, RecordDescriptor.align(flaw));
    while (at >= 0) {
      show(frames.valid(cycle, at, Long.MAX_VALUE), at);
      at = frames.find(cycle, RecordDescriptor.align(at + view.length()));
    }
  }

  /** Where the document stands that was not gone through, or would be written next. */
  long document() {
    return document;
  }

  /** The place that made an end {@link End#TORN} or {@link End#DAMAGED}. */
  long flaw() {
    return flaw;
  }

  /** How many records were shown. */
  long records() {
    return records;
  }

  private int header(long offset) {
    Window window = windows.covering(cycle, offset, HEADER);
    // Acquire: the writer stores the header after all that it announces.
    return window == null ? 0 : (int) INT.getAcquire(window.bytes(), window.index(offset));
  }

  private boolean showRecords(long end) {
    long at = RecordDescriptor.align(document + HEADER);
    if (end <= firstRecord) {
      return true;
    }
    while (at < end) {
      Window window = frames.valid(cycle, at, end);
      if (window == null) {
        flaw = at;
        return false;
      }
      show(window, at);
      at = RecordDescriptor.align(at + view.length());
    }
    flaw = at;
    return at == end;
  }

  private void show(Window window, long at) {
    view.wrap(window.bytes(), window.index(at), Position.of(cycle, at));
    if (at >= firstRecord) {
      records++;
      visitor.visit(view);
    }
  }

  /**
   * Whether a document that claims to be Chronicle's holds no record of ours and ends within the
   * file.
   */
  private boolean isChroniclesOwn(long end) {
    flaw = RecordDescriptor.align(document + HEADER);
    return windows.covering(cycle, end - 1, 1) != null
        && frames.valid(cycle, flaw, Long.MAX_VALUE) == null;
  }

  /**
   * Tells a document under way, or torn, from damage.
   *
   * @return null if its writer has gone on in the meantime: look again
   */
  private End judgeUnfinished(int header) {
    long first = RecordDescriptor.align(document + HEADER);
    long unfinished = endOfRecords(first);
    long found = frames.find(cycle, unfinished);
    flaw = document;
    if (found >= 0) {
      return staysDamaged(header, unfinished, found) ? End.DAMAGED : null;
    }
    VarHandle.acquireFence();
    if (header(document) != header) {
      return null;
    }
    return header != 0 || unfinished > first || begun(first) ? End.TORN : End.OPEN;
  }

  /**
   * Whether valid records stand behind a gap whenever one looks. At no instant do they in a
   * document that a writer is filling or clearing; but looking takes longer than an instant.
   */
  private boolean staysDamaged(int header, long gap, long found) {
    long first = RecordDescriptor.align(document + HEADER);
    for (int i = 0; i < LOOKS; i++) {
      VarHandle.acquireFence();
      if (header(document) != header
          || endOfRecords(first) != gap
          || frames.valid(cycle, found, Long.MAX_VALUE) == null) {
        return false;
      }
    }
    return true;
  }

  /** Where the valid records end that stand one behind the other from here on. */
  private long endOfRecords(long from) {
    long at = from;
    Window window = frames.valid(cycle, at, Long.MAX_VALUE);
    while (window != null) {
      int length = window.bytes().getInt(window.index(at) + RecordDescriptor.LENGTH_OFFSET);
      at = RecordDescriptor.align(at + length);
      window = frames.valid(cycle, at, Long.MAX_VALUE);
    }
    return at;
  }

  /** Whether a record was begun here: its body is written before its header. */
  private boolean begun(long record) {
    int span = 2 * RecordDescriptor.HEADER_LENGTH;
    Window window = windows.covering(cycle, record, span);
    if (window != null) {
      for (int i = 0; i < span; i += Long.BYTES) {
        if (window.bytes().getLong(window.index(record) + i) != 0) {
          return true;
        }
      }
    }
    return false;
  }
}
