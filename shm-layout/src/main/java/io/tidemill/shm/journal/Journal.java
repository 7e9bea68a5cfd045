package io.tidemill.shm.journal;

import java.nio.file.Path;
import java.util.List;

/**
 * The writing side of a journal. One process holds it (its caller sees to that by a file lock). All
 * calls come from one thread at a time, except {@link #force}, {@link #forcedThrough} and {@link
 * #appendedThrough}, which any thread may call beside them: a group commit runs while others
 * append.
 */
public interface Journal extends AutoCloseable {
  /**
   * Makes sure that {@code bytes} can be appended without the disk running full, by allocating
   * blocks ahead, and begins a new cycle when the current one is full. Called before {@link
   * #begin}, with the sum of {@link RecordEncoder#length} and {@link RecordDescriptor#OVERHEAD_MAX}
   * for each record.
   *
   * @return false if the disk has no room for it or the room to be kept free would be touched:
   *     {@link #folder} and {@link #availableBytes} say what to tell the client; nothing has
   *     changed
   */
  boolean reserve(long bytes);

  /**
   * The same, for records that are carried forward so that older cycles can go: half of the room to
   * be kept free may be used, since otherwise a full disk would keep itself full.
   */
  default boolean reserveToCarry(long bytes) {
    return reserve(bytes);
  }

  /** The next {@link #reserve} begins a new cycle, if the current one has any records. */
  default void endCycle() {}

  /**
   * Begins a run of records. The same object is returned each time; it must be committed or
   * abandoned before the next run.
   */
  RunWriter begin();

  /** The end of what was committed: every committed record stands below it. Only rises. */
  long appendedThrough();

  /**
   * Forces everything that was committed before the call to the disk, with the directory entries of
   * the files that hold it. Any thread; two at a time wait for each other.
   *
   * @throws JournalFailure if the disk reported an error; the journal takes nothing more then
   */
  void force();

  /** Every record below this position survives a loss of power. Only rises. */
  long forcedThrough();

  /** The largest record that can be appended, header included. */
  int recordBytesMax();

  Path folder();

  /** What the file system of the journal has free. */
  long availableBytes();

  /** The cycle files, oldest first; the last one is being written. */
  List<Cycle> cycles();

  /**
   * Deletes the files of all cycles before {@code cycle}, oldest first, except the one being
   * written. Readers elsewhere that have them mapped keep their blocks until {@link
   * JournalReader#forgetCyclesBefore}.
   *
   * @return the bytes of disk that were freed
   */
  long deleteCyclesBefore(int cycle);

  @Override
  void close();
}
