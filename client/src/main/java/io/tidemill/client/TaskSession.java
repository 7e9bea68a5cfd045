package io.tidemill.client;

import io.grpc.Status;
import io.tidemill.rpc.Backoff;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Duplicate;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskResults;
import io.tidemill.v1.TaskSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream of submissions up and results down that outlives its connection. Each submission gets a
 * handle (1, 2, 3, ...) and its listener hears exactly one end of it, whatever breaks on the way:
 * after a break the session opens again under its id, submits again what was not acknowledged,
 * under the same numbers, and awaits the results that it lacks. What the server refuses for a while
 * is submitted again under a new number and the old handle.
 *
 * <p>Built for many: submissions are batched by what the connection takes, and nothing is created
 * per task but what the messages need. {@link #submit} blocks while the window is full. Safe for
 * use by many threads.
 */
public final class TaskSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSession.class);
  private static final long BACKOFF_FIRST_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 1_000;

  /**
   * Stands for the refusal of a number that is refused without one: its acknowledgement was lost,
   * and the server has kept the number but not the reason. Submitted again under another number it
   * gets a true answer.
   */
  private static final Refusal REASON_FORGOTTEN =
      Refusal.newBuilder().setReason("REASON_FORGOTTEN").setRetryAfterMs(50).build();

  private static final long OPEN_TIMEOUT_MILLIS = 10_000;

  private final Peer peer;
  private final ClientTimer timer;
  private final SessionOptions options;
  private final long sessionId;
  private final StreamEvents events = new StreamEvents();

  /** Whether this thread is running callbacks: it must not block. */
  private final ThreadLocal<Boolean> calling = ThreadLocal.withInitial(() -> false);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition quiet = lock.newCondition();
  private final Condition openedOrClosed = lock.newCondition();

  // All below is guarded by the lock.
  private final SessionTable table;
  private final SessionOutbox outbox;
  private final RecentEnds recentEnds;
  private final Backoff backoff = new Backoff(BACKOFF_FIRST_MILLIS, BACKOFF_MAX_MILLIS);
  private SessionStream stream;
  private boolean open;
  private boolean everOpened;
  private boolean closed;

  /** A thread is sending: it looks again before it stops, so others only leave their work. */
  private boolean sending;

  /**
   * Where the message that is being sent belongs: a break meanwhile must not carry it to the next
   * stream.
   */
  private SessionStream target;

  private int waiting;
  private int delivering;
  private Status lastError;
  private long brokenSinceMillis;
  private long breaks;
  private long repeatedResults;
  private long contradictions;

  TaskSession(Peer peer, ClientTimer timer, SessionOptions options) {
    this.peer = peer;
    this.timer = timer;
    this.options = options;
    this.sessionId = randomId();
    table = new SessionTable(options.outstandingMax());
    outbox = new SessionOutbox(table);
    recentEnds = new RecentEnds(options.outstandingMax());
    brokenSinceMillis = System.currentTimeMillis();
    connect();
  }

  private static long randomId() {
    return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
  }

  // ---- submitting

  /**
   * Submits a task; blocks while the window is full.
   *
   * @return the handle that the listener will hear
   * @throws IllegalStateException if the session is closed, or if it would block a listener's
   *     callback
   */
  public long submit(TaskSpec spec, ResultListener listener) throws InterruptedException {
    SessionRequest message;
    Callbacks callbacks = new Callbacks(0);
    long handle;
    lock.lock();
    try {
      awaitRoom(spec);
      handle = enqueue(spec, listener);
      message = startSending(callbacks);
    } finally {
      lock.unlock();
    }
    send(message, callbacks);
    return handle;
  }

  /** Submits a task if the window has room now; returns its handle, or 0 if not. */
  public long tryOffer(TaskSpec spec, ResultListener listener) {
    SessionRequest message;
    Callbacks callbacks = new Callbacks(0);
    long handle;
    lock.lock();
    try {
      failIfClosed();
      if (!hasRoom(spec)) {
        return 0;
      }
      handle = enqueue(spec, listener);
      message = startSending(callbacks);
    } finally {
      lock.unlock();
    }
    send(message, callbacks);
    return handle;
  }

  /** Submits a task and gives its end as a future, which completes on the transport's thread. */
  public CompletableFuture<TaskResult> submitAsync(TaskSpec spec) throws InterruptedException {
    FutureListener listener = new FutureListener();
    submit(spec, listener);
    return listener.future();
  }

  private void awaitRoom(TaskSpec spec) throws InterruptedException {
    failIfClosed();
    while (!hasRoom(spec)) {
      if (calling.get()) {
        throw new IllegalStateException(
            "submit would block a listener's callback: outstanding="
                + table.inUse()
                + "; use tryOffer there");
      }
      waiting++;
      try {
        room.await();
      } finally {
        waiting--;
      }
      failIfClosed();
    }
  }

  private boolean hasRoom(TaskSpec spec) {
    boolean slots = table.inUse() < table.capacity();
    long held = table.heldBytes();
    return slots
        && (held == 0 || held + spec.getSerializedSize() <= options.unacknowledgedBytesMax());
  }

  private void failIfClosed() {
    if (closed) {
      String why = lastError == null ? "" : " (" + lastError.getDescription() + ")";
      throw new IllegalStateException("the session is closed" + why + "; open another one");
    }
  }

  private long enqueue(TaskSpec spec, ResultListener listener) {
    int slot = table.open(spec, listener, System.nanoTime());
    outbox.add(slot);
    return table.handle(slot);
  }

  // ---- sending

  /**
   * Makes this thread the one that sends, if there is something to send and nobody does. Under the
   * lock.
   */
  private SessionRequest startSending(Callbacks callbacks) {
    if (sending) {
      return null;
    }
    return nextMessage(callbacks);
  }

  private SessionRequest nextMessage(Callbacks callbacks) {
    SessionRequest message = open && stream.isReady() ? outbox.next(callbacks) : null;
    sending = message != null;
    target = stream;
    if (!callbacks.isEmpty()) {
      delivering++;
      signalRoom();
    }
    return message;
  }

  private void pump() {
    Callbacks callbacks = new Callbacks(0);
    SessionRequest message;
    lock.lock();
    try {
      message = startSending(callbacks);
    } finally {
      lock.unlock();
    }
    send(message, callbacks);
  }

  /**
   * Sends the message and what follows it until there is nothing more to send. Not under the lock.
   */
  private void send(SessionRequest first, Callbacks firstCallbacks) {
    SessionRequest message = first;
    Callbacks callbacks = firstCallbacks;
    while (true) {
      deliver(callbacks);
      if (message == null) {
        return;
      }
      target.send(message);
      callbacks = new Callbacks(0);
      lock.lock();
      try {
        message = nextMessage(callbacks);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Runs callbacks outside of the lock; whoever made them not empty has counted them in {@link
   * #delivering}.
   */
  private void deliver(Callbacks callbacks) {
    if (callbacks.isEmpty()) {
      return;
    }
    boolean before = calling.get();
    calling.set(true);
    try {
      callbacks.run();
    } finally {
      calling.set(before);
      lock.lock();
      try {
        delivering--;
        signalIfQuiet();
      } finally {
        lock.unlock();
      }
    }
  }

  private void signalRoom() {
    if (waiting > 0) {
      room.signalAll();
    }
  }

  private void signalIfQuiet() {
    if (delivering == 0 && table.inUse() == 0) {
      quiet.signalAll();
    }
  }

  // ---- the stream's life

  private void connect() {
    SessionStream next = SessionStream.create(events);
    lock.lock();
    try {
      if (closed) {
        return;
      }
      stream = next;
    } finally {
      lock.unlock();
    }
    peer.reconnectNow();
    next.open(peer, sessionId, options.results());
    schedule(() -> cancelUnlessOpen(next), OPEN_TIMEOUT_MILLIS);
  }

  private void cancelUnlessOpen(SessionStream candidate) {
    boolean stale;
    lock.lock();
    try {
      stale = candidate != stream || open;
    } finally {
      lock.unlock();
    }
    if (!stale) {
      candidate.cancel("no answer in time from " + peer);
    }
  }

  private void schedule(Runnable work, long delayMillis) {
    if (!timer.after(delayMillis, work)) {
      end("the client was closed"); // its timer is gone: this session cannot come back
    }
  }

  /**
   * What comes on the streams; all of a stream's words come one after the other on the transport's
   * thread.
   */
  private final class StreamEvents implements SessionStream.Handler {
    @Override
    public void opened(SessionStream from, SessionOpened opened) {
      lock.lock();
      try {
        if (from != stream || closed) {
          return;
        }
        long[] awaited = everOpened && options.results() ? table.awaitedTaskIds() : new long[0];
        outbox.restart(opened.getSubmitWindow(), opened.getPayloadBytesMax(), awaited);
        open = true;
        everOpened = true;
        brokenSinceMillis = 0;
        backoff.reset();
        openedOrClosed.signalAll();
      } finally {
        lock.unlock();
      }
      pump();
    }

    @Override
    public void acknowledged(SessionStream from, SubmitAcks acks) {
      Callbacks callbacks = new Callbacks(acks.getTaskIdsCount());
      boolean broken;
      lock.lock();
      try {
        broken = from == stream && open && !takeAcks(acks, callbacks);
        countDelivery(callbacks);
      } finally {
        lock.unlock();
      }
      deliver(callbacks);
      if (broken) {
        LOG.warn(
            "acknowledgement out of order: first_number={}; opening again", acks.getFirstNumber());
        from.cancel("acknowledgement out of order");
      }
      pump();
    }

    @Override
    public void ended(SessionStream from, TaskResults results) {
      Callbacks callbacks = new Callbacks(results.getResultsCount());
      lock.lock();
      try {
        if (from == stream) {
          takeResults(results, callbacks);
        }
        countDelivery(callbacks);
      } finally {
        lock.unlock();
      }
      deliver(callbacks);
    }

    @Override
    public void ready(SessionStream from) {
      pump();
    }

    @Override
    public void broken(SessionStream from, Status status) {
      long delayMillis;
      lock.lock();
      try {
        if (from != stream || closed) {
          return;
        }
        noteBreak(status);
        delayMillis = backoff.nextMillis();
      } finally {
        lock.unlock();
      }
      if (isFinal(status)) {
        end("the server ended the session: " + status.getCode() + " " + status.getDescription());
      } else {
        schedule(TaskSession.this::connect, delayMillis);
      }
    }
  }

  private void noteBreak(Status status) {
    if (open) {
      breaks++;
      LOG.info("session broken: peer={} status={}; opening it again", peer, status);
    }
    if (brokenSinceMillis == 0) {
      brokenSinceMillis = System.currentTimeMillis();
    }
    stream = null;
    open = false;
    lastError = status;
  }

  /** Whether opening again would only meet the same answer. */
  private static boolean isFinal(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED,
          PERMISSION_DENIED ->
          true;
      default -> false;
    };
  }

  // ---- what comes, under the lock

  private void countDelivery(Callbacks callbacks) {
    if (!callbacks.isEmpty()) {
      delivering++;
    }
    signalRoom();
    signalIfQuiet();
  }

  /** Returns false if the numbers are not those that come next. */
  private boolean takeAcks(SubmitAcks acks, Callbacks callbacks) {
    Map<Long, Refusal> refusals = new HashMap<>();
    acks.getRefusalsList().forEach(refusal -> refusals.put(refusal.getNumber(), refusal));
    Map<Long, Duplicate> duplicates = duplicates(acks);
    long now = System.nanoTime();
    for (int i = 0; i < acks.getTaskIdsCount(); i++) {
      long number = acks.getFirstNumber() + i;
      if (number <= outbox.ackedThrough()) {
        continue; // said before
      }
      if (number != outbox.ackedThrough() + 1 || number > outbox.sentThrough()) {
        return false;
      }
      Duplicate duplicate = duplicates.get(number);
      if (duplicate != null) {
        int slot = outbox.unackedSlot(number);
        callbacks.duplicate(table.listener(slot), table.handle(slot), duplicate);
      }
      takeAck(number, acks.getTaskIds(i), refusals, now, callbacks);
    }
    if (acks.getDuplicates() > 0 && options.results()) {
      awaitKnown(acks);
    }
    return true;
  }

  private static Map<Long, Duplicate> duplicates(SubmitAcks acks) {
    if (acks.getDuplicateTasksCount() == 0) {
      return Map.of();
    }
    Map<Long, Duplicate> duplicates = new HashMap<>();
    acks.getDuplicateTasksList().forEach(each -> duplicates.put(each.getNumber(), each));
    return duplicates;
  }

  private void takeAck(
      long number, long taskId, Map<Long, Refusal> refusals, long now, Callbacks callbacks) {
    int slot = outbox.takeAcked();
    if (table.state(slot) == SessionTable.State.ENDED_UNACKED) {
      table.release(slot);
    } else if (taskId == 0) {
      takeRefusal(slot, refusals.getOrDefault(number, REASON_FORGOTTEN), callbacks);
    } else {
      callbacks.accepted(
          table.listener(slot), table.handle(slot), taskId, table.latencyNanos(slot, now));
      if (options.results()) {
        table.acknowledge(slot, taskId);
      } else {
        table.release(slot);
      }
    }
  }

  /** Tasks that were known before this stream: their ends may have gone to another one. */
  private void awaitKnown(SubmitAcks acks) {
    long[] ids =
        acks.getTaskIdsList().stream().mapToLong(Long::longValue).filter(table::awaits).toArray();
    outbox.await(ids);
  }

  private void takeRefusal(int slot, Refusal refusal, Callbacks callbacks) {
    if (refusal.getRetryAfterMs() <= 0) {
      callbacks.refused(table.listener(slot), table.handle(slot), refusal);
      table.release(slot);
      return;
    }
    table.state(slot, SessionTable.State.RETRYING);
    long handle = table.handle(slot);
    long delayMillis = Backoff.jittered(2L * refusal.getRetryAfterMs());
    timer.after(delayMillis, () -> retry(slot, handle)); // a closed client ends the session anyway
  }

  private void retry(int slot, long handle) {
    lock.lock();
    try {
      boolean stillWaits =
          table.state(slot) == SessionTable.State.RETRYING && table.handle(slot) == handle;
      if (!stillWaits) {
        return; // the session was closed meanwhile
      }
      outbox.add(slot);
    } finally {
      lock.unlock();
    }
    pump();
  }

  private void takeResults(TaskResults results, Callbacks callbacks) {
    long now = System.nanoTime();
    for (TaskResult result : results.getResultsList()) {
      int early = outbox.unackedSlot(result.getNumber());
      if (early != LongIntMap.NONE && result.getNumber() <= outbox.sentThrough()) {
        takeEarly(early, result, now, callbacks);
      } else if (table.end(result, now, callbacks) > 0) {
        recentEnds.remember(result);
      } else {
        takeRepeated(result);
      }
    }
  }

  /**
   * The end overtook the acknowledgement; the slot is kept until that comes, since numbers have no
   * gaps.
   */
  private void takeEarly(int slot, TaskResult result, long now, Callbacks callbacks) {
    if (table.state(slot) == SessionTable.State.ENDED_UNACKED) {
      takeRepeated(result);
      return;
    }
    long latency = table.latencyNanos(slot, now);
    callbacks.accepted(table.listener(slot), table.handle(slot), result.getTaskId(), latency);
    callbacks.ended(table.listener(slot), table.handle(slot), result, latency);
    table.state(slot, SessionTable.State.ENDED_UNACKED);
    recentEnds.remember(result);
  }

  private void takeRepeated(TaskResult result) {
    repeatedResults++;
    if (recentEnds.look(result) == RecentEnds.Seen.DIFFERENT) {
      contradictions++;
      LOG.error(
          "a second result differs from the first: task={} state={}; run `tidemill audit`",
          TaskIds.format(result.getTaskId()),
          result.getState());
    }
  }

  // ---- looking and ending

  /**
   * Waits until the server has opened the session for the first time; returns whether it did within
   * the time.
   */
  public boolean awaitOpened(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!everOpened && !closed && left > 0) {
        left = openedOrClosed.awaitNanos(left);
      }
      return everOpened;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until every submission has had its last callback; returns whether that was within the
   * time.
   */
  public boolean awaitQuiet(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while ((table.inUse() > 0 || delivering > 0) && left > 0) {
        left = quiet.awaitNanos(left);
      }
      return table.inUse() == 0 && delivering == 0;
    } finally {
      lock.unlock();
    }
  }

  /** How the session fares now. */
  public SessionStatus status() {
    lock.lock();
    try {
      return new SessionStatus(
          open,
          closed,
          table.inUse(),
          breaks,
          brokenSinceMillis,
          lastError == null ? null : TidemillException.of(lastError.asException(), peer.toString()),
          repeatedResults,
          contradictions);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the session. What has no end yet is abandoned; wait with {@link #awaitQuiet} before to
   * have none of that.
   */
  @Override
  public void close() {
    end("the session was closed");
  }

  private void end(String why) {
    Callbacks callbacks = new Callbacks(0);
    SessionStream last;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      open = false;
      last = stream;
      stream = null;
      table.abandonAll(why, callbacks);
      outbox.clear();
      openedOrClosed.signalAll();
      countDelivery(callbacks);
      room.signalAll();
    } finally {
      lock.unlock();
    }
    if (last != null) {
      last.cancel(why);
    }
    deliver(callbacks);
  }

  /** A listener for those who want a future. */
  private static final class FutureListener implements ResultListener {
    private final CompletableFuture<TaskResult> future = new CompletableFuture<>();

    CompletableFuture<TaskResult> future() {
      return future;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      future.complete(result);
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      future.completeExceptionally(
          new TidemillException(
              Status.fromCodeValue(refusal.getCode()).getCode(),
              refusal.getReason(),
              refusal.getMessage()));
    }

    @Override
    public void abandoned(long handle, long taskId, String why) {
      future.completeExceptionally(new TidemillException(Status.Code.CANCELLED, "", why));
    }
  }
}
