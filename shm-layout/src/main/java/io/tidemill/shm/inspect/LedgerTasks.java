package io.tidemill.shm.inspect;

import io.tidemill.shm.region.TaskState;
import java.util.Arrays;

/**
 * What the ledger, the journals and the slots say of each task of the ledger; a few dozen bytes a
 * task.
 */
final class LedgerTasks {
  private static final byte ACKNOWLEDGED = 1;
  private static final byte SUBMITTED = 2;
  private static final byte LIVE = 4;
  private static final byte CONTRADICTED = 8;
  private static final TaskState[] STATES = TaskState.values();

  private final LongIndex ids = new LongIndex();
  private byte[] flags = new byte[1 << 10];
  private byte[] told = new byte[1 << 10];
  private byte[] recorded = new byte[1 << 10];
  private byte[] outcomes = new byte[1 << 10];
  private long[] outcomeSequences = new long[0];
  private long[] submittedMillis = new long[0];
  private long[] endedMillis = new long[0];

  int size() {
    return ids.size();
  }

  long id(int task) {
    return ids.value(task);
  }

  /** The number of a task of the ledger, or -1. */
  int find(long id) {
    return ids.find(id);
  }

  // From the ledger.

  /** False if it was acknowledged before. */
  boolean acknowledged(long id) {
    int task = add(id);
    boolean first = !is(task, ACKNOWLEDGED);
    flags[task] |= ACKNOWLEDGED;
    return first;
  }

  void told(long id, TaskState end) {
    int task = add(id);
    if (told[task] != 0 && told[task] != end.ordinal()) {
      flags[task] |= CONTRADICTED;
    }
    told[task] = (byte) end.ordinal();
  }

  /** The ledgers are read: what follows comes from the journals and the slots. */
  void beginCollecting() {
    outcomeSequences = new long[size()];
    submittedMillis = new long[size()];
    endedMillis = new long[size()];
    Arrays.fill(recorded, (byte) 0);
    Arrays.fill(outcomes, (byte) 0);
    for (int task = 0; task < size(); task++) {
      flags[task] &= ~(SUBMITTED | LIVE);
    }
  }

  // From the journals and the slots.

  void submitted(int task, long millis) {
    flags[task] |= SUBMITTED;
    submittedMillis[task] = millis;
  }

  void live(int task) {
    flags[task] |= LIVE;
  }

  /**
   * An outcome record. One that was carried forward into a later cycle keeps its sequence and is no
   * second one.
   *
   * @param end null: a state that we do not know
   */
  void recorded(int task, long sequence, TaskState end, long millis) {
    if (outcomes[task] > 0 && outcomeSequences[task] == sequence) {
      return;
    }
    if (outcomes[task] == 0) {
      outcomeSequences[task] = sequence;
      recorded[task] = (byte) (end == null ? 0 : end.ordinal());
      endedMillis[task] = millis;
    }
    outcomes[task] = (byte) Math.min(Byte.MAX_VALUE, outcomes[task] + 1);
  }

  // Answers.

  boolean isAcknowledged(int task) {
    return is(task, ACKNOWLEDGED);
  }

  boolean hasSubmission(int task) {
    return is(task, SUBMITTED);
  }

  boolean isLive(int task) {
    return is(task, LIVE);
  }

  boolean hasOutcome(int task) {
    return outcomes[task] > 0;
  }

  boolean isRecordedTwice(int task) {
    return outcomes[task] > 1;
  }

  boolean wasTold(int task) {
    return told[task] != 0;
  }

  boolean wasToldWrong(int task) {
    return is(task, CONTRADICTED) || told[task] != recorded[task];
  }

  /** For people: what the client was told, and what stands in the journal. */
  String describeResult(int task) {
    return "told="
        + (told[task] == 0 ? "nothing" : STATES[told[task]].name())
        + " recorded="
        + (recorded[task] == 0 ? "nothing" : STATES[recorded[task]].name());
  }

  long submittedMillis(int task) {
    return submittedMillis[task];
  }

  long endedMillis(int task) {
    return endedMillis[task];
  }

  private boolean is(int task, byte flag) {
    return (flags[task] & flag) != 0;
  }

  private int add(long id) {
    int task = ids.add(id);
    if (task == flags.length) {
      flags = Arrays.copyOf(flags, 2 * task);
      told = Arrays.copyOf(told, 2 * task);
      recorded = Arrays.copyOf(recorded, 2 * task);
      outcomes = Arrays.copyOf(outcomes, 2 * task);
    }
    return task;
  }
}
