package io.tidemill.shm.inspect;

import java.util.List;
import java.util.Map;

/**
 * What an audit found of a ledger's tasks. {@code accepted} is the sum of {@code completed}, {@code
 * pending}, {@code lost} and those of {@code unverifiable} that were acknowledged.
 *
 * @param submitted as the client says
 * @param accepted tasks that were acknowledged to the client
 * @param completed of these, with an outcome in the journal
 * @param pending of these, with a submission and a live slot, and no outcome yet
 * @param lost of these, with neither
 * @param recordedTwice tasks with more than one outcome
 * @param resultsWrong tasks of which the client was told something else than the first outcome
 *     says, or told something that no outcome says
 * @param resultsMissing completed tasks of which the client was told nothing
 * @param duplicated further tasks that were made of a submission of the ledger: same number in a
 *     session, or same request id
 * @param unverifiable tasks whose records went with old cycles of the journals
 * @param longestStallMillis the longest time in which tasks of the ledger were outstanding and none
 *     of them ended
 * @param badLines of the ledger
 * @param examples for each figure above that should be 0, the first tasks
 * @param notes what the account could not take into regard
 * @param damage of the journals: the account is not complete then
 */
public record Account(
    long submitted,
    long accepted,
    long completed,
    long pending,
    long lost,
    long recordedTwice,
    long resultsWrong,
    long resultsMissing,
    long duplicated,
    long unverifiable,
    long longestStallMillis,
    long badLines,
    Map<String, List<String>> examples,
    List<String> notes,
    List<String> damage) {

  /** Whether every promise was kept as far as can be told. */
  public boolean isClean() {
    return lost == 0
        && recordedTwice == 0
        && resultsWrong == 0
        && duplicated == 0
        && damage.isEmpty();
  }
}
