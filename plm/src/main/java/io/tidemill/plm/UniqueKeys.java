package io.tidemill.plm;

import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.UniqueUntil;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the task that holds a unique key. An index of the tasks that are in their slots, the last
 * one with each key; whether that holds the key still is what its slot says. Who holds one after
 * its end is known by {@link UniqueHolds}. On the thread of {@link RequestIds}, and made there when
 * the first key arrives, from the journal if that holds any.
 */
final class UniqueKeys implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UniqueKeys.class);
  private static final int LOOKS_MAX = 100;

  private final TaskTable tasks;
  private final Ends ends;
  private final RecordReaders submissions;
  private final UniqueHolds holds;
  private final KeyMap.Settings settings;
  private final boolean isInJournal;
  private final KeyHash hash = new KeyHash();
  private final SubmissionDecoder decoder = new SubmissionDecoder();
  private KeyMap map;

  /**
   * @param isInJournal a start has seen some there
   */
  UniqueKeys(
      TaskTable tasks,
      Ends ends,
      RecordReaders submissions,
      UniqueHolds holds,
      KeyMap.Settings settings,
      boolean isInJournal) {
    this.tasks = tasks;
    this.ends = ends;
    this.submissions = submissions;
    this.holds = holds;
    this.settings = settings;
    this.isInJournal = isInJournal;
  }

  /** Makes the index if there are keys in the journal: before anyone asks for it. */
  void prepare() {
    if (isInJournal) {
      open();
    }
  }

  /** Settles a submission whose key is held, or that there is no room for; false if neither. */
  boolean lookUp(Batch batch, int index, Intake intake) {
    String key = batch.spec(index).getUniqueKey();
    open();
    Refused refused = map == null ? unavailable() : null;
    long holder = map == null ? 0 : holder(key);
    if (holder != 0) {
      intake.known(batch, index, holder, DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY);
      return true;
    }
    boolean isFull = refused == null && !map.hasRoom(this::isInSlot);
    isFull |= batch.spec(index).getUniqueForMs() != 0 && !holds.hasRoom(batch.size());
    refused = isFull ? full() : refused;
    if (refused != null) {
      batch.refuse(index, refused);
      intake.countRefused(1);
    }
    return refused != null;
  }

  /** A task has been accepted with a key that nobody held. */
  void holds(String key, long taskId) {
    map.put(hash.of(key), taskId);
  }

  /** The task that holds a key now; 0: none does. */
  private long holder(String key) {
    long last = map.get(hash.of(key));
    return last != 0 && isHeldInSlot(last) ? last : holds.holder(key);
  }

  private boolean isInSlot(long id) {
    return tasks.wordOf(id) != -1;
  }

  private boolean isHeldInSlot(long id) {
    for (int look = 0; look < LOOKS_MAX; look++) {
      long word = tasks.wordOf(id);
      if (word == -1) {
        return false; // Whoever holds on has been written down before this.
      }
      TaskState state = StateWord.state(word);
      if (state.isEnd() && (holds.isAsked(id) || ends.mayBeTold(TaskId.slot(id)))) {
        return holds.isAsked(id);
      }
      if (state == TaskState.WAITING || state == TaskState.READY) {
        return true;
      }
      UniqueUntil until = until(id);
      if (until != null) {
        return until != UniqueUntil.UNIQUE_UNTIL_START;
      }
    }
    throw new IllegalStateException(
        "a live task's submission is not in the journal: slot=" + TaskId.slot(id));
  }

  /** Null: the task was moved meanwhile. */
  private UniqueUntil until(long id) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView record = lent.read(tasks.submission(TaskId.slot(id)));
      if (record == null || decoder.wrap(record).taskId() != id) {
        return null;
      }
      return Extras.of(decoder.terms()).getUniqueUntil();
    }
  }

  private void open() {
    if (map != null) {
      return;
    }
    try {
      map = KeyMap.create(settings);
    } catch (IOException e) {
      LOG.warn("cannot make the map of unique keys: folder={}", settings.folder(), e);
      return;
    }
    if (isInJournal) {
      try (RecordReaders.Lent lent = submissions.lend()) {
        lent.reader().scan(0, this::found);
      }
    }
  }

  private void found(RecordView record) {
    if (record.kind() != RecordKind.SUBMISSION) {
      return;
    }
    decoder.wrap(record);
    if (!decoder.hasTerms() || !isInSlot(decoder.taskId())) {
      return;
    }
    StoredExtra extra = Extras.of(decoder.terms());
    if (!extra.getUniqueKey().isEmpty()) {
      foundLater(extra.getUniqueKey(), decoder.taskId());
    }
  }

  /**
   * The one that was submitted last counts; records that were carried forward come out of order.
   */
  private void foundLater(String key, long id) {
    byte[] hashed = hash.of(key);
    long other = map.get(hashed);
    boolean isLater =
        other == 0
            || !isInSlot(other)
            || tasks.sequence(TaskId.slot(other)) <= tasks.sequence(TaskId.slot(id));
    if (isLater && map.hasRoom(this::isInSlot)) {
      map.put(hashed, id);
    }
  }

  private Refused unavailable() {
    return Refused.exhausted(
        "UNIQUE_KEYS_UNAVAILABLE",
        "no room for the index of unique keys: path="
            + settings.folder()
            + "; free some disk, or submit without a unique key",
        Map.of("field", "unique_key", "path", settings.folder().toString()),
        2_000);
  }

  private Refused full() {
    return Refused.exhausted(
        "UNIQUE_KEYS_FULL",
        "no room for another unique key: limit="
            + settings.entriesMax()
            + " with unique_for_ms="
            + UniqueHolds.COUNT_MAX
            + "; try again when earlier tasks have given theirs up, or hold them for a shorter time",
        Map.of("field", "unique_key", "limit", Long.toString(settings.entriesMax())),
        1_000);
  }

  @Override
  public void close() {
    if (map != null) {
      map.close();
    }
  }
}
