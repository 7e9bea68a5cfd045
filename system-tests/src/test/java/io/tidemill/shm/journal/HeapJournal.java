package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * What a journal's files would hold, in memory: the records that exist, the cycles, and how far all
 * of it was forced. It outlives the simulated processes that write and read it. Each writer begins
 * a cycle of its own, as the real one does.
 */
public final class HeapJournal {
  /** Where the first record of a cycle stands at the earliest. */
  private static final long CYCLE_HEADER = 64;

  /** What a document has before its records. */
  private static final int DOCUMENT_HEADER = RecordDescriptor.ALIGNMENT;

  private static final int RECORD_BYTES_MAX = 1 << 20;

  private final Path folder;
  private final int documentRecords;
  private final NavigableMap<Long, ByteBuffer> records = new TreeMap<>();
  private final List<Integer> cycles = new ArrayList<>();
  private long forcedThrough;
  private boolean full;

  /**
   * @param documentRecords a run of more records becomes several documents, which exist one after
   *     the other, as long runs do in the files
   */
  public HeapJournal(String name, int documentRecords) {
    this.folder = Path.of("/simulated", name);
    this.documentRecords = documentRecords;
  }

  /** Whether the disk has no room for more. */
  public void full(boolean now) {
    full = now;
  }

  /** How many records there are. */
  public int size() {
    return records.size();
  }

  /** The host was booted: what there still is came from the disk. */
  public void booted() {
    forcedThrough = cycles.isEmpty() ? 0 : Position.of(cycles.get(cycles.size() - 1) + 1, 0);
  }

  /**
   * The power fails: of what was not forced, each cycle keeps as much as the kernel happened to
   * have written of it.
   */
  public void losePower(RandomGenerator random) {
    for (int cycle : cycles) {
      long end = Position.of(cycle + 1, 0);
      long from = Math.min(end, Math.max(forcedThrough, Position.of(cycle, 0)));
      List<Long> loose = new ArrayList<>(records.subMap(from, true, end, false).keySet());
      int kept = random.nextInt(loose.size() + 1);
      loose.subList(kept, loose.size()).forEach(records::remove);
    }
  }

  /**
   * The writing side.
   *
   * @param write called before anything becomes visible or durable: throwing there is the crash
   */
  public Journal writer(Runnable write) {
    write.run();
    int cycle = cycles.isEmpty() ? 1 : cycles.get(cycles.size() - 1) + 1;
    cycles.add(cycle);
    return new Writer(write, cycle);
  }

  public JournalReader reader() {
    return new Reader();
  }

  private List<Cycle> cycleFiles() {
    return cycles.stream()
        .map(number -> new Cycle(number, folder.resolve(Integer.toString(number)), 0, 0))
        .toList();
  }

  private final class Writer implements Journal, RunWriter {
    private final Runnable write;
    private final int cycle;
    private final NavigableMap<Long, ByteBuffer> document = new TreeMap<>();
    private long end;
    private long at;
    private boolean running;

    Writer(Runnable write, int cycle) {
      this.write = write;
      this.cycle = cycle;
    }

    @Override
    public boolean reserve(long bytes) {
      return !full;
    }

    @Override
    public RunWriter begin() {
      if (running) {
        throw new IllegalStateException("the run before was neither committed nor abandoned");
      }
      running = true;
      openDocument();
      return this;
    }

    private void openDocument() {
      at = Math.max(CYCLE_HEADER, end) + DOCUMENT_HEADER;
    }

    @Override
    public long append(long sequence, RecordEncoder record) {
      ByteBuffer bytes = ByteBuffer.allocate(record.length()).order(ByteOrder.LITTLE_ENDIAN);
      record.encode(bytes, 0);
      bytes.clear();
      bytes.putInt(RecordDescriptor.LENGTH_OFFSET, record.length());
      bytes.put(RecordDescriptor.KIND_OFFSET, record.kind());
      bytes.put(RecordDescriptor.VERSION_OFFSET, record.version());
      bytes.putInt(RecordDescriptor.BLOB_LENGTH_OFFSET, record.blobLength());
      bytes.putLong(RecordDescriptor.SEQUENCE_OFFSET, sequence);
      return add(bytes);
    }

    @Override
    public long copy(RecordView record) {
      ByteBuffer bytes = ByteBuffer.allocate(record.length()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.put(0, record.buffer(), record.offset(), record.length());
      return add(bytes);
    }

    private long add(ByteBuffer bytes) {
      if (document.size() == documentRecords) {
        closeDocument();
        openDocument();
      }
      long position = Position.of(cycle, at);
      document.put(position, bytes);
      at += RecordDescriptor.align(bytes.capacity());
      return position;
    }

    private void closeDocument() {
      write.run();
      records.putAll(document);
      document.clear();
      end = at;
    }

    @Override
    public void commit() {
      closeDocument();
      running = false;
    }

    @Override
    public void abandon() {
      document.clear();
      running = false;
    }

    @Override
    public long appendedThrough() {
      return Position.of(cycle, end);
    }

    @Override
    public void force() {
      long through = appendedThrough();
      write.run();
      forcedThrough = Math.max(forcedThrough, through);
    }

    @Override
    public long forcedThrough() {
      return forcedThrough;
    }

    @Override
    public int recordBytesMax() {
      return RECORD_BYTES_MAX;
    }

    @Override
    public Path folder() {
      return folder;
    }

    @Override
    public long availableBytes() {
      return full ? 0 : Long.MAX_VALUE;
    }

    @Override
    public List<Cycle> cycles() {
      return cycleFiles();
    }

    @Override
    public long deleteCyclesBefore(int before) {
      write.run();
      int last = Math.min(before, cycle);
      cycles.removeIf(number -> number < last);
      records.headMap(Position.of(last, 0), false).clear();
      return 0;
    }

    @Override
    public void close() {}
  }

  private final class Reader implements JournalReader {
    @Override
    public boolean read(long position, RecordView view) {
      ByteBuffer found = records.get(position);
      if (found != null) {
        view.wrap(found, 0, position);
      }
      return found != null;
    }

    @Override
    public ScanResult scan(long from, RecordVisitor visitor) {
      RecordView view = new RecordView();
      List<Long> positions = new ArrayList<>(records.tailMap(from, true).keySet());
      for (long position : positions) {
        view.wrap(records.get(position), 0, position);
        visitor.visit(view);
      }
      long resume = positions.isEmpty() ? from : positions.get(positions.size() - 1) + 1;
      return new ScanResult(positions.size(), resume, List.of(), List.of());
    }

    @Override
    public ScanResult salvage(RecordVisitor visitor) {
      return scan(Position.NONE, visitor);
    }

    @Override
    public List<Cycle> cycles() {
      return cycleFiles();
    }

    @Override
    public void forgetCyclesBefore(int cycle) {}

    @Override
    public void trim() {}

    @Override
    public void close() {}
  }
}
