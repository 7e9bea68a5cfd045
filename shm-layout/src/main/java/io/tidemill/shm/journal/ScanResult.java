package io.tidemill.shm.journal;

import java.util.List;

/**
 * What a scan has found.
 *
 * @param records how many were shown
 * @param resume where the next scan goes on, if the journal is being written
 * @param cuts tails that a crash tore and that were left out, one for each incarnation at most
 * @param damage empty, or what makes the journal unfit: valid records stand behind something that
 *     is none. What was shown is not all then
 */
public record ScanResult(long records, long resume, List<Flaw> cuts, List<Flaw> damage) {
  /**
   * A place where a valid record or document was expected.
   *
   * @param file the file, or the one that is missing
   * @param offset the byte in it
   * @param position the same as a position
   * @param what in a few words, for people
   */
  public record Flaw(java.nio.file.Path file, long offset, long position, String what) {
    @Override
    public String toString() {
      return what + ": file=" + file + " offset=" + offset;
    }
  }

  /** Nothing is wrong but torn tails. */
  public boolean intact() {
    return damage.isEmpty();
  }
}
