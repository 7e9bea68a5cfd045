package io.tidemill.plm;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the task that a submission with a request id or a unique key is already. All of those are
 * accepted on one thread, so that two with the same id or key meet here one after the other; those
 * with neither never come here. The index is made on that thread when the first one arrives, from
 * the journal if that holds any.
 */
final class RequestIds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestIds.class);
  private static final int QUEUE_MAX = 10_000;

  private final Instance instance;
  private final Ends ends;
  private final RecordReaders submissions;
  private final ThreadPoolExecutor executor;
  private final KeyHash hash = new KeyHash();
  private final KeyMap.Settings settings;
  private final UniqueKeys unique;
  private KeyMap map;

  RequestIds(
      Instance instance,
      Ends ends,
      RecordReaders submissions,
      KeyMap.Settings settings,
      UniqueKeys unique) {
    this.unique = unique;
    this.instance = instance;
    this.ends = ends;
    this.submissions = submissions;
    this.settings = settings;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE_MAX),
            work -> {
              Thread thread = new Thread(work, "request-ids");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** A start has seen request ids in the journal: the index is made before anyone asks for it. */
  void prepare() {
    executor.execute(() -> guarded(unique::prepare));
  }

  /** Runs work on our thread; answers null, or why not. */
  Refused execute(Runnable work) {
    try {
      executor.execute(() -> guarded(work));
      return null;
    } catch (RejectedExecutionException e) {
      return Refused.exhausted(
          "REQUEST_IDS_BUSY",
          "too many submissions with request ids or unique keys wait: queue="
              + QUEUE_MAX
              + "; try again, or submit through a session, whose numbers need no request ids",
          Map.of("field", "request_id", "retry_after_ms", "500"),
          500);
    }
  }

  /** The same, and waits until it is done. */
  Refused executeNow(Runnable work) {
    CountDownLatch done = new CountDownLatch(1);
    Refused refused =
        execute(
            () -> {
              work.run();
              done.countDown();
            });
    if (refused == null) {
      try {
        done.await();
      } catch (InterruptedException e) {
        // Whoever interrupts us stops the process: what was accepted stands in the journal.
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted before a submission was accepted", e);
      }
    }
    return refused;
  }

  private void guarded(Runnable work) {
    try {
      open();
      work.run();
    } catch (Throwable broken) {
      Fatal.halt(instance, "a submission with a request id broke off", broken);
    }
  }

  /** Accepts what is not settled in a batch. On our thread if any of it has an id or a key. */
  void accept(Batch batch, Acceptance acceptance, Intake intake) {
    Firsts firsts = null;
    int noted = 0;
    for (int i = 0; i < batch.size(); i++) {
      TaskSpec spec = batch.spec(i);
      if (!Intake.isNamed(spec) || batch.isSettled(i)) {
        continue;
      }
      firsts = firsts == null ? new Firsts() : firsts;
      if (firsts.isPending(spec, noted)) {
        if (batch.isAtomic()) {
          batch.refuse(i, firsts.twice(spec));
          continue;
        }
        noted = acceptAndNote(batch, acceptance, noted, i);
      }
      if (!isSameAsBefore(batch, i, firsts, intake) && !lookUp(batch, i, intake)) {
        firsts.add(spec, i);
      }
    }
    acceptAndNote(batch, acceptance, noted, batch.size());
  }

  /**
   * Settles a submission that has the unique key of one before it in the batch: they came together,
   * so it does not count whether that has started meanwhile.
   */
  private static boolean isSameAsBefore(Batch batch, int index, Firsts firsts, Intake intake) {
    int first = firsts.ofUniqueKey(batch.spec(index));
    boolean same = first >= 0 && batch.isAccepted(first);
    if (same) {
      intake.known(batch, index, batch.id(first), DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY);
    }
    return same;
  }

  /**
   * Settles a submission whose request id is known, whose unique key is held, or that there is no
   * room for; false if it is none of these.
   */
  private boolean lookUp(Batch batch, int index, Intake intake) {
    TaskSpec spec = batch.spec(index);
    return (!spec.getRequestId().isEmpty() && lookUpRequest(batch, index, intake))
        || (!spec.getUniqueKey().isEmpty() && unique.lookUp(batch, index, intake));
  }

  private boolean lookUpRequest(Batch batch, int index, Intake intake) {
    String requestId = batch.spec(index).getRequestId();
    if (requestId.length() > 2 * SpecCheck.REQUEST_ID_CHARACTERS_MAX) {
      return false; // the acceptance refuses it
    }
    if (map == null) {
      batch.refuse(index, unavailable());
      intake.countRefused(1);
      return true;
    }
    long known = map.get(hash.of(requestId));
    if (known != 0 && ends.isKnown(known)) {
      intake.known(batch, index, known, DuplicateReason.DUPLICATE_REASON_REQUEST_ID);
      return true;
    }
    if (known == 0 && !map.hasRoom(ends::isKnown)) {
      batch.refuse(index, full());
      intake.countRefused(1);
      return true;
    }
    return false;
  }

  private int acceptAndNote(Batch batch, Acceptance acceptance, int from, int to) {
    acceptance.accept(batch, to);
    for (int i = from; i < to; i++) {
      TaskSpec spec = batch.spec(i);
      if (batch.id(i) != 0 && !spec.getRequestId().isEmpty()) {
        map.put(hash.of(spec.getRequestId()), batch.id(i));
      }
      if (!spec.getUniqueKey().isEmpty() && batch.isAccepted(i)) {
        unique.holds(spec.getUniqueKey(), batch.id(i));
      }
    }
    return to;
  }

  /**
   * Makes the index if there is none; where the disk does not let us, submissions with request ids
   * are refused.
   */
  private void open() {
    if (map == null) {
      try {
        map = KeyMap.create(settings);
        fill();
      } catch (IOException e) {
        LOG.warn("cannot make the map of request ids: folder={}", settings.folder(), e);
      }
    }
  }

  /** Later ones win: an id is given again when its task is no longer kept. */
  private void fill() {
    SubmissionDecoder submission = new SubmissionDecoder();
    try (RecordReaders.Lent lent = submissions.lend()) {
      lent.reader().scan(0, record -> note(submission, record));
    }
  }

  private void note(SubmissionDecoder submission, RecordView record) {
    if (record.kind() != RecordKind.SUBMISSION) {
      return;
    }
    submission.wrap(record);
    String requestId = submission.requestId();
    if (!requestId.isEmpty() && ends.isKnown(submission.taskId()) && map.hasRoom(ends::isKnown)) {
      map.put(hash.of(requestId), submission.taskId());
    }
  }

  private Refused unavailable() {
    return Refused.exhausted(
        "REQUEST_IDS_UNAVAILABLE",
        "no room for the index of request ids: path="
            + settings.folder()
            + "; free some disk, or submit without a request id",
        Map.of("field", "request_id", "path", settings.folder().toString()),
        2_000);
  }

  private Refused full() {
    return Refused.exhausted(
        "REQUEST_IDS_FULL",
        "no room for another request id: limit="
            + settings.entriesMax()
            + "; try again when earlier tasks have ended and are no longer kept, or submit"
            + " without one",
        Map.of("field", "request_id", "limit", Long.toString(settings.entriesMax())),
        1_000);
  }

  /** Runs what is queued, and ends. */
  @Override
  public void close() throws InterruptedException {
    executor.shutdown();
    if (executor.awaitTermination(5, TimeUnit.SECONDS)) {
      unique.close();
      if (map != null) {
        map.close();
      }
    }
  }
}
