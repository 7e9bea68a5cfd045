package io.tidemill.shm.journal;

/**
 * A run of records on its way into a journal. They are written straight into the mapped file, as
 * one document (or a few, if they are long), and exist once {@link #commit} has returned; a crash
 * before that leaves a tail that readers cut.
 */
public interface RunWriter {
  /**
   * Writes one record.
   *
   * @param sequence its place in the order of all journals, from the counter that they share
   * @return its position, to be published only after {@link #commit}
   * @throws IllegalArgumentException if it is longer than {@link Journal#recordBytesMax}
   */
  long append(long sequence, RecordEncoder record);

  /**
   * Writes a record again as it stands elsewhere, under its sequence: carries it forward out of an
   * old cycle.
   */
  long copy(RecordView record);

  /** Makes the records of this run exist, in the page cache. */
  void commit();

  /**
   * Drops the run. What a very long one has written in documents before its last stays,
   * unpublished.
   */
  void abandon();
}
