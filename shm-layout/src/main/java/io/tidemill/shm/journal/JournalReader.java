package io.tidemill.shm.journal;

import java.util.List;

/**
 * The reading side of a journal, for any process, while another one writes or after all have died.
 * One thread at a time, and not from within a visitor; a reader costs no more than its mappings, so
 * each thread (or lock) has its own.
 */
public interface JournalReader extends AutoCloseable {
  /**
   * Shows the record at a position that its writer has published.
   *
   * @return false if no valid record stands there: its cycle was deleted, or the position is not
   *     one
   */
  boolean read(long position, RecordView view);

  /**
   * Shows every record from a position on, in the order of appending, each one checked. Of a
   * document that its writer has not finished nothing is shown. A scan from a {@link
   * ScanResult#resume} trusts that the writer lives and does not look for damage behind the last
   * document; the others do, and may take the document under way for a torn one.
   *
   * @param from {@link Position#NONE} for the beginning, a record's position (shown too), or {@link
   *     ScanResult#resume}
   */
  ScanResult scan(long from, RecordVisitor visitor);

  /**
   * Shows every record that is valid, also behind damage, and in documents that were not finished
   * where they stand behind damage. For a repair, and for a journal that was not forced when the
   * power failed: the kernel writes pages back in no order, which leaves the same holes as a bad
   * disk.
   *
   * @return with each damaged file in {@link ScanResult#damage}, once
   */
  ScanResult salvage(RecordVisitor visitor);

  /** The cycle files there are, oldest first. */
  List<Cycle> cycles();

  /** Lets go of the files of older cycles, so that the blocks of those deleted become free. */
  void forgetCyclesBefore(int cycle);

  /** Lets go of all mappings, which come back as needed: for a process that has nothing to do. */
  void trim();

  @Override
  void close();
}
