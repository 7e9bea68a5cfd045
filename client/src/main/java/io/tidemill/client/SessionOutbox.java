package io.tidemill.client;

import io.tidemill.v1.AwaitTasks;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What a session has to send and in which order: first what it awaits after a break, then what was
 * sent on an earlier stream and not acknowledged, then what is new. Guarded by the session's lock.
 *
 * <p>Batches without a timer: while no message is unacknowledged whatever is there goes at once;
 * beyond that only full batches go, and acknowledgements set off the rest. So one task on an idle
 * session leaves at once, and under load each message carries what gathered while the one before it
 * was under way.
 */
final class SessionOutbox {
  private static final int BATCH_TASKS = 512;
  private static final int BATCH_BYTES = 1024 * 1024;
  private static final int AWAIT_IDS = 10_000;
  private static final int PAYLOAD_TOO_LARGE_CODE = 3; // INVALID_ARGUMENT

  private final SessionTable table;
  private final IntRing unsent;

  /** Slot by number, for the numbers that are not acknowledged. */
  private final int[] slotByNumber;

  private final int mask;

  /** The last number of each message under way, oldest first. */
  private final ArrayDeque<Long> inFlight = new ArrayDeque<>();

  private final ArrayDeque<long[]> awaits = new ArrayDeque<>();
  private long unsentBytes;
  private long lastNumber;
  private long sentThrough;
  private long ackedThrough;
  private int submitWindow;
  private int payloadBytesMax;

  SessionOutbox(SessionTable table) {
    this.table = table;
    unsent = new IntRing(table.capacity());
    int size = Integer.highestOneBit(Math.max(2, table.capacity()) * 2 - 1);
    slotByNumber = new int[size];
    mask = size - 1;
  }

  /** Puts a slot at the end of what is new. */
  void add(int slot) {
    table.state(slot, SessionTable.State.UNSENT);
    unsent.add(slot);
    unsentBytes += table.spec(slot).getSerializedSize();
  }

  /**
   * A stream is open: everything without an acknowledgement goes again on it, after the awaited
   * ids.
   */
  void restart(int window, int payloadMax, long[] awaitedIds) {
    submitWindow = Math.max(1, window);
    payloadBytesMax = payloadMax;
    sentThrough = ackedThrough;
    inFlight.clear();
    awaits.clear();
    await(awaitedIds);
  }

  void await(long[] ids) {
    for (int from = 0; from < ids.length; from += AWAIT_IDS) {
      int to = Math.min(ids.length, from + AWAIT_IDS);
      awaits.add(Arrays.copyOfRange(ids, from, to));
    }
  }

  long ackedThrough() {
    return ackedThrough;
  }

  long sentThrough() {
    return sentThrough;
  }

  /** The slot behind a number that was given and not acknowledged, or NONE. */
  int unackedSlot(long number) {
    return number > ackedThrough && number <= lastNumber
        ? slotByNumber[(int) (number & mask)]
        : LongIntMap.NONE;
  }

  /** Moves past the next number, the one after {@link #ackedThrough}; returns its slot. */
  int takeAcked() {
    int slot = slotByNumber[(int) (++ackedThrough & mask)];
    while (!inFlight.isEmpty() && inFlight.peek() <= ackedThrough) {
      inFlight.poll();
    }
    return slot;
  }

  /**
   * The next message, or null if nothing is to be sent now. Refuses here what the server would
   * break the stream for.
   */
  SessionRequest next(Callbacks callbacks) {
    if (!awaits.isEmpty()) {
      return awaitMessage(awaits.poll());
    }
    boolean again = sentThrough < lastNumber;
    if (!again && !worthSending()) {
      return null;
    }
    return again ? repeatedRun() : newRun(callbacks);
  }

  private boolean worthSending() {
    if (unsent.size() == 0) {
      return false;
    }
    boolean full = unsent.size() >= BATCH_TASKS || unsentBytes >= BATCH_BYTES;
    return full || inFlight.isEmpty();
  }

  private int windowLeft() {
    return (int) Math.max(0, submitWindow - (sentThrough - ackedThrough));
  }

  private SessionRequest repeatedRun() {
    SubmitRun.Builder run = SubmitRun.newBuilder().setFirstNumber(sentThrough + 1);
    int room = Math.min(BATCH_TASKS, windowLeft());
    int bytes = 0;
    while (run.getTasksCount() < room && sentThrough < lastNumber && bytes < BATCH_BYTES) {
      TaskSpec spec = table.spec(slotByNumber[(int) (++sentThrough & mask)]);
      run.addTasks(spec);
      bytes += spec.getSerializedSize();
    }
    return message(run);
  }

  private SessionRequest newRun(Callbacks callbacks) {
    SubmitRun.Builder run = SubmitRun.newBuilder().setFirstNumber(lastNumber + 1);
    int room = Math.min(BATCH_TASKS, windowLeft());
    int bytes = 0;
    while (run.getTasksCount() < room && unsent.size() > 0) {
      TaskSpec spec = table.spec(unsent.peek());
      int size = spec.getSerializedSize();
      if (bytes > 0 && bytes + size > BATCH_BYTES) {
        break;
      }
      int slot = unsent.take();
      unsentBytes -= size;
      if (tooLarge(spec)) {
        refuseTooLarge(slot, callbacks);
        continue;
      }
      bytes += size;
      number(slot);
      run.addTasks(spec);
    }
    return message(run);
  }

  private void number(int slot) {
    lastNumber++;
    sentThrough = lastNumber;
    slotByNumber[(int) (lastNumber & mask)] = slot;
    table.state(slot, SessionTable.State.UNACKED);
  }

  private SessionRequest message(SubmitRun.Builder run) {
    if (run.getTasksCount() == 0) {
      return null;
    }
    inFlight.add(sentThrough);
    return SessionRequest.newBuilder().setSubmit(run).build();
  }

  private static SessionRequest awaitMessage(long[] ids) {
    AwaitTasks.Builder await = AwaitTasks.newBuilder();
    for (long id : ids) {
      await.addTaskIds(id);
    }
    return SessionRequest.newBuilder().setAwait(await).build();
  }

  private boolean tooLarge(TaskSpec spec) {
    return payloadBytesMax > 0 && spec.getPayload().size() > payloadBytesMax;
  }

  private void refuseTooLarge(int slot, Callbacks callbacks) {
    int size = table.spec(slot).getPayload().size();
    Refusal refusal =
        Refusal.newBuilder()
            .setReason("PAYLOAD_TOO_LARGE")
            .setCode(PAYLOAD_TOO_LARGE_CODE)
            .setMessage(
                "payload too large: bytes="
                    + size
                    + " payload.bytes.max="
                    + payloadBytesMax
                    + "; send less or raise the limit")
            .build();
    callbacks.refused(table.listener(slot), table.handle(slot), refusal);
    table.release(slot);
  }

  /**
   * The slots that had no acknowledgement when the session ended, and those never sent, are
   * dropped.
   */
  void clear() {
    while (unsent.size() > 0) {
      unsent.take();
    }
    unsentBytes = 0;
    ackedThrough = lastNumber;
    sentThrough = lastNumber;
    inFlight.clear();
    awaits.clear();
  }
}
