package io.tidemill.shm.journal;

import com.sun.jna.Pointer;
import io.tidemill.shm.os.PageCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Writes runs into the document that Chronicle has open, straight into its mapping. Chronicle
 * publishes the document by storing its header last: until then a reader finds 0 there and stops.
 */
final class ChronicleRun implements RunWriter {
  /**
   * Left behind the last record of a document: Chronicle clears 8 bytes there and rounds up to the
   * next header.
   */
  private static final int TAIL = 2 * RecordDescriptor.ALIGNMENT;

  /**
   * How much of the file's pages come in at a time: small, since they are forced to the disk, too.
   */
  private static final long PAGES_AHEAD = 64 << 10;

  /** So much of what was written last stays in the mapping, and at most so much more. */
  private static final long PAGES_BEHIND = 1 << 20;

  private final ChronicleJournal journal;
  private final ExcerptAppender appender;
  private final BlockReserve reserve;
  private final int documentBytesMax;
  private final CRC32C crc = new CRC32C();

  private ByteBuffer mapping;
  private long mappingAddress;
  private long mappingStart;
  private long pagesFrom;
  private long pagesThrough;

  private DocumentContext document;
  private int cycle;
  private long payload;
  private long at;
  private long limit;
  private long end;
  private long newest;

  ChronicleRun(
      ChronicleJournal journal, ExcerptAppender appender, BlockReserve reserve, int blockBytes) {
    this.journal = journal;
    this.appender = appender;
    this.reserve = reserve;
    // What Chronicle maps beyond each block, so that a document may begin at a block's last byte.
    this.documentBytesMax = blockBytes / 4;
  }

  int recordBytesMax() {
    return documentBytesMax - 2 * TAIL;
  }

  /** Where the next document begins in a cycle, but for Chronicle's own additions. */
  long end(int ofCycle) {
    return ofCycle == cycle ? end : BlockReserve.MARGIN;
  }

  /** Whether a cycle has a document of ours. */
  boolean hasWritten(int toCycle) {
    return toCycle == cycle && end > 0;
  }

  void begin(int currentCycle) {
    if (document != null) {
      throw new IllegalStateException("the run before was neither committed nor abandoned");
    }
    if (currentCycle != cycle) {
      cycle = currentCycle;
      end = 0;
    }
    openDocument();
  }

  @Override
  public long append(long sequence, RecordEncoder record) {
    int length = record.length();
    int target = room(length);
    record.encode(mapping, target);
    return finish(target, length, record.kind(), record.version(), record.blobLength(), sequence);
  }

  @Override
  public long copy(RecordView record) {
    int length = record.length();
    int target = room(length);
    int body = RecordDescriptor.HEADER_LENGTH;
    mapping.put(target + body, record.buffer(), record.offset() + body, length - body);
    return finish(
        target, length, record.kind(), record.version(), record.blobLength(), record.sequence());
  }

  @Override
  public void commit() {
    if (at == firstRecord()) {
      abandon();
      return;
    }
    closeDocument();
    journal.committed(Position.of(cycle, end), newest);
  }

  @Override
  public void abandon() {
    DocumentContext open = document;
    document = null;
    // From the end, so that for a reader valid records always stand one behind the other from the
    // first.
    for (long i = at - Long.BYTES; i >= firstRecord(); i -= Long.BYTES) {
      mapping.putLong((int) (i - mappingStart), 0);
    }
    try {
      open.rollbackOnClose();
      open.close();
    } catch (RuntimeException | Error e) {
      throw journal.fail("cannot drop a document: folder=" + journal.folder(), e);
    }
  }

  /** Finds room for a record of this length and returns where it goes in the mapping. */
  private int room(int length) {
    if (length > recordBytesMax()) {
      throw new IllegalArgumentException(
          "record too long: bytes=" + length + "; at most " + recordBytesMax());
    }
    if (at + length > limit) {
      closeDocument();
      openDocument();
    }
    ensureAllocated(at + length);
    bringIn(at + length);
    return (int) (at - mappingStart);
  }

  private long finish(
      int target, int length, byte kind, byte version, int blobLength, long sequence) {
    long position = Position.of(cycle, at);
    mapping.putInt(target + RecordDescriptor.LENGTH_OFFSET, length);
    mapping.put(target + RecordDescriptor.KIND_OFFSET, kind);
    mapping.put(target + RecordDescriptor.VERSION_OFFSET, version);
    mapping.putShort(target + RecordDescriptor.MARKER_OFFSET, RecordDescriptor.MARKER);
    mapping.putInt(target + RecordDescriptor.BLOB_LENGTH_OFFSET, blobLength);
    mapping.putLong(target + RecordDescriptor.SEQUENCE_OFFSET, sequence);
    mapping.putInt(
        target + RecordDescriptor.CHECKSUM_OFFSET,
        RecordDescriptor.checksum(crc, mapping, target, length, position));
    for (int i = target + length; i < target + RecordDescriptor.align(length); i++) {
      mapping.put(i, (byte) 0);
    }
    at += RecordDescriptor.align(length);
    newest = Math.max(newest, sequence);
    return position;
  }

  private void openDocument() {
    try {
      document = appender.writingDocument();
      Bytes<?> bytes = document.wire().bytes();
      payload = bytes.writePosition();
      at = firstRecord();
      limit = payload + documentBytesMax - TAIL;
      map(bytes.bytesStore());
      ensureAllocated(at);
      // The bytes between the header and the first record.
      for (long i = payload; i < at; i++) {
        mapping.put((int) (i - mappingStart), (byte) 0);
      }
    } catch (RuntimeException | Error e) {
      throw journal.fail("cannot begin a document: folder=" + journal.folder(), e);
    }
  }

  private void closeDocument() {
    leaveBehind();
    DocumentContext open = document;
    document = null;
    try {
      open.wire().bytes().writeSkip(at - payload);
      open.close();
    } catch (RuntimeException | Error e) {
      throw journal.fail("cannot finish a document: folder=" + journal.folder(), e);
    }
    end = at;
  }

  /**
   * The pages of the mapping that were written long ago: readers have mappings of their own. While
   * a document is open, since Chronicle may drop the mapping when none is.
   */
  private void leaveBehind() {
    long through = (at & -PAGES_BEHIND) - PAGES_BEHIND;
    if (through > pagesFrom) {
      PageCache.leaveBehind(mappingAddress + pagesFrom - mappingStart, through - pagesFrom);
      pagesFrom = through;
    }
  }

  private long firstRecord() {
    return RecordDescriptor.align(payload);
  }

  private void ensureAllocated(long through) {
    boolean room;
    try {
      room = reserve.ensure(through, 0);
    } catch (IOException e) {
      throw journal.fail("cannot allocate room in a journal: folder=" + journal.folder(), e);
    }
    if (!room) {
      throw journal.fail(
          "a journal is written beyond what was reserved, and the disk is full: folder="
              + journal.folder(),
          null);
    }
  }

  /** The pages of the mapping that are written next; of those only that have their blocks. */
  private void bringIn(long through) {
    if (through > pagesThrough) {
      long from = Math.max(pagesThrough, at);
      pagesThrough =
          Math.min(
              Math.min(through + PAGES_AHEAD, reserve.allocated()),
              mappingStart + mapping.capacity());
      PageCache.bringInToWrite(mappingAddress + from - mappingStart, pagesThrough - from);
    }
  }

  /** Wraps Chronicle's mapping of the block that the document stands in. */
  private void map(BytesStore<?, ?> block) {
    long start = block.start();
    long address = block.addressForWrite(start);
    if (address != mappingAddress || start != mappingStart || mapping == null) {
      long length = block.realCapacity();
      mapping = new Pointer(address).getByteBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
      mappingAddress = address;
      mappingStart = start;
      pagesFrom = start;
      pagesThrough = start;
      PageCache.onePageAtATime(address, length);
    }
    if (limit - start > mapping.capacity()) {
      throw new IllegalStateException(
          "a document reaches beyond its block: start=" + start + " limit=" + limit);
    }
  }
}
