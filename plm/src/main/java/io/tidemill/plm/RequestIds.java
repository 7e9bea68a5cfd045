package io.tidemill.plm;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the task that a request id stands for. All submissions with request ids are accepted on one
 * thread, so that two with the same id meet here one after the other; those without never come
 * here. The index is made on that thread when the first one arrives, from the journal if that holds
 * any.
 */
final class RequestIds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestIds.class);
  private static final int QUEUE_MAX = 10_000;

  private final Instance instance;
  private final Ends ends;
  private final RecordReaders submissions;
  private final ThreadPoolExecutor executor;
  private final MessageDigest digest = sha256();
  private final RequestIdMap.Settings settings;
  private RequestIdMap map;

  RequestIds(
      Instance instance, Ends ends, RecordReaders submissions, RequestIdMap.Settings settings) {
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
    executor.execute(() -> guarded(() -> {}));
  }

  /** Runs work on our thread; answers null, or why not. */
  Refused execute(Runnable work) {
    try {
      executor.execute(() -> guarded(work));
      return null;
    } catch (RejectedExecutionException e) {
      return Refused.exhausted(
          "REQUEST_IDS_BUSY",
          "too many submissions with request ids wait: queue="
              + QUEUE_MAX
              + "; try again, or submit through a session, whose numbers need no request ids",
          Map.of("field", "request_id", "retry_after_ms", "500"),
          500);
    }
  }

  private void guarded(Runnable work) {
    try {
      open();
      work.run();
    } catch (Throwable broken) {
      Fatal.halt(instance, "a submission with a request id broke off", broken);
    }
  }

  /** Accepts what is not settled in a batch. On our thread if any of it has a request id. */
  void accept(Batch batch, Acceptance acceptance, Intake intake) {
    Set<String> pending = new HashSet<>();
    int noted = 0;
    for (int i = 0; i < batch.size(); i++) {
      String requestId = batch.spec(i).getRequestId();
      if (requestId.isEmpty() || batch.isSettled(i)) {
        continue;
      }
      if (pending.contains(requestId) && batch.isAtomic()) {
        batch.refuse(i, twice(requestId));
        continue;
      }
      if (pending.contains(requestId)) {
        noted = acceptAndNote(batch, acceptance, noted, i);
        pending.clear();
      }
      if (!lookUp(batch, i, intake)) {
        pending.add(requestId);
      }
    }
    acceptAndNote(batch, acceptance, noted, batch.size());
  }

  /**
   * Settles a submission whose request id is known, or that there is no room for; false if neither.
   */
  private boolean lookUp(Batch batch, int index, Intake intake) {
    String requestId = batch.spec(index).getRequestId();
    if (requestId.length() > 2 * SpecCheck.REQUEST_ID_CHARACTERS_MAX) {
      return false; // the acceptance refuses it
    }
    if (map == null) {
      batch.refuse(index, unavailable());
      intake.countRefused(1);
      return true;
    }
    long known = map.get(key(requestId));
    if (known != 0 && ends.isKnown(known)) {
      intake.known(batch, index, known);
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
        map.put(key(spec.getRequestId()), batch.id(i));
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
        map = RequestIdMap.create(settings);
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
      map.put(key(requestId), submission.taskId());
    }
  }

  /**
   * 128 bits of SHA-256: fixed in length, so that the map's room is known, and nobody finds two
   * alike.
   */
  private byte[] key(String requestId) {
    byte[] hash = digest.digest(requestId.getBytes(StandardCharsets.UTF_8));
    return Arrays.copyOf(hash, RequestIdMap.KEY_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static Refused twice(String requestId) {
    return Refused.invalid(
        "REQUEST_ID_TWICE",
        "request_id",
        SpecCheck.shown(requestId),
        "two tasks of one atomic call have the same request id: request_id="
            + SpecCheck.shown(requestId)
            + "; give each its own, or none");
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
    if (executor.awaitTermination(5, TimeUnit.SECONDS) && map != null) {
      map.close();
    }
  }
}
