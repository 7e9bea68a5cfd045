package io.tidemill.plm;

import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.StoredUniqueHold;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The unique keys that a start has found in the journal. */
final class FoundUniqueKeys {
  private final Map<Long, UniqueHolds.Asked> live = new HashMap<>();
  private final Map<String, StoredUniqueHold> ended = new HashMap<>();
  private boolean isAnySeen;

  /**
   * @param endedSeconds when it ended, if it is not in its slot and is kept; else -1
   */
  void found(StoredExtra extra, long id, boolean inSlot, long endedSeconds) {
    isAnySeen = true;
    if (extra.getUniqueForMs() == 0) {
      return;
    }
    if (inSlot) {
      live.put(id, new UniqueHolds.Asked(extra.getUniqueKey(), extra.getUniqueForMs()));
    } else if (endedSeconds >= 0) {
      noteEnded(extra, id, TimeUnit.SECONDS.toMillis(endedSeconds + 1));
    }
  }

  private void noteEnded(StoredExtra extra, long id, long endedMillis) {
    long until = endedMillis + extra.getUniqueForMs();
    StoredUniqueHold before = ended.get(extra.getUniqueKey());
    if (before == null || before.getUntilMs() < until) {
      ended.put(
          extra.getUniqueKey(),
          StoredUniqueHold.newBuilder().setTaskId(id).setUntilMs(until).build());
    }
  }

  boolean isAnySeen() {
    return isAnySeen;
  }

  void addTo(UniqueHolds holds) {
    live.forEach((id, asked) -> holds.ask(id, asked.key(), asked.forMillis()));
  }

  /**
   * What ended tasks hold, by key, as far as that is known from their outcomes: a loss of power may
   * have taken what was written of it, and a task that was rebuilt as an ended one has no slot.
   */
  Map<String, StoredUniqueHold> ended() {
    return ended;
  }
}
