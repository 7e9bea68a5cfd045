package io.tidemill.client;

import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import java.util.Arrays;

/**
 * The submissions of a session that are not over, one slot each, in preallocated arrays. All of it
 * is guarded by the session's lock.
 *
 * <pre>
 *   FREE -> UNSENT -> UNACKED -> ACKED -> FREE
 *             ^          |  \                        (refused: FREE)
 *             |          v   -> ENDED_UNACKED -> FREE
 *           RETRYING <---+      (the result came before the acknowledgement)
 * </pre>
 */
final class SessionTable {
  enum State {
    FREE,
    UNSENT,
    UNACKED,
    ENDED_UNACKED,
    ACKED,
    RETRYING
  }

  private final State[] states;
  private final long[] handles;
  private final long[] taskIds;
  private final long[] submittedNanos;
  private final TaskSpec[] specs;
  private final ResultListener[] listeners;

  /** Slots that wait for one and the same task (its request id was used twice) form a chain. */
  private final int[] sameTaskNext;

  private final int[] free;
  private int freeCount;
  private final LongIntMap byTaskId;
  private long lastHandle;
  private long heldBytes;

  SessionTable(int capacity) {
    states = new State[capacity];
    handles = new long[capacity];
    taskIds = new long[capacity];
    submittedNanos = new long[capacity];
    specs = new TaskSpec[capacity];
    listeners = new ResultListener[capacity];
    sameTaskNext = new int[capacity];
    free = new int[capacity];
    byTaskId = new LongIntMap(capacity);
    for (int slot = capacity - 1; slot >= 0; slot--) {
      states[slot] = State.FREE;
      free[freeCount++] = slot;
    }
  }

  int capacity() {
    return states.length;
  }

  int inUse() {
    return states.length - freeCount;
  }

  /** Bytes of the tasks that are held for sending (again). */
  long heldBytes() {
    return heldBytes;
  }

  /** Takes a free slot (there must be one) for a new submission. */
  int open(TaskSpec spec, ResultListener listener, long nowNanos) {
    int slot = free[--freeCount];
    states[slot] = State.UNSENT;
    handles[slot] = ++lastHandle;
    taskIds[slot] = 0;
    submittedNanos[slot] = nowNanos;
    specs[slot] = spec;
    listeners[slot] = listener;
    sameTaskNext[slot] = LongIntMap.NONE;
    heldBytes += spec.getSerializedSize();
    return slot;
  }

  State state(int slot) {
    return states[slot];
  }

  void state(int slot, State state) {
    states[slot] = state;
  }

  long handle(int slot) {
    return handles[slot];
  }

  long taskId(int slot) {
    return taskIds[slot];
  }

  TaskSpec spec(int slot) {
    return specs[slot];
  }

  ResultListener listener(int slot) {
    return listeners[slot];
  }

  long latencyNanos(int slot, long nowNanos) {
    return nowNanos - submittedNanos[slot];
  }

  /** The task is accepted and its result is awaited. */
  void acknowledge(int slot, long taskId) {
    states[slot] = State.ACKED;
    taskIds[slot] = taskId;
    dropSpec(slot);
    sameTaskNext[slot] = byTaskId.get(taskId);
    byTaskId.put(taskId, slot);
  }

  /** Whether a submission waits for this task. */
  boolean awaits(long taskId) {
    return taskId != 0 && byTaskId.get(taskId) != LongIntMap.NONE;
  }

  /** Ends every submission that waits for this task; returns how many there were. */
  int end(TaskResult result, long nowNanos, Callbacks callbacks) {
    int slot = byTaskId.get(result.getTaskId());
    if (slot == LongIntMap.NONE) {
      return 0;
    }
    byTaskId.remove(result.getTaskId());
    int count = 0;
    while (slot != LongIntMap.NONE) {
      int next = sameTaskNext[slot];
      callbacks.ended(listeners[slot], handles[slot], result, latencyNanos(slot, nowNanos));
      release(slot);
      slot = next;
      count++;
    }
    return count;
  }

  void release(int slot) {
    dropSpec(slot);
    states[slot] = State.FREE;
    listeners[slot] = null;
    free[freeCount++] = slot;
  }

  private void dropSpec(int slot) {
    if (specs[slot] != null) {
      heldBytes -= specs[slot].getSerializedSize();
      specs[slot] = null;
    }
  }

  /** Ends everything with what is known: for a session that will learn no more. */
  void abandonAll(String why, Callbacks callbacks) {
    for (int slot = 0; slot < states.length; slot++) {
      if (states[slot] == State.FREE) {
        continue;
      }
      if (states[slot] != State.ENDED_UNACKED) {
        callbacks.abandoned(listeners[slot], handles[slot], taskIds[slot], why);
      }
      release(slot);
    }
    byTaskId.clear();
  }

  /** The ids of the accepted tasks without a result. */
  long[] awaitedTaskIds() {
    long[] ids = new long[inUse()];
    int count = 0;
    for (int slot = 0; slot < states.length; slot++) {
      if (states[slot] == State.ACKED) {
        ids[count++] = taskIds[slot];
      }
    }
    return Arrays.copyOf(ids, count);
  }
}
