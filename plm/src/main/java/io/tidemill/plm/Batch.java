package io.tidemill.plm;

import io.tidemill.v1.Duplicate;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Durability;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Submissions that came together, and what became of each. By one thread at a time. */
final class Batch {
  private static final TaskSpec[] NO_SPECS = {};

  private final TaskSpec[] specs;
  private final long sessionId;
  private final long firstNumber;
  private final boolean atomic;
  private final long[] ids;
  private List<Refused> refused = List.of();
  private List<Refusal> refusals = List.of();
  private boolean[] isRefused;
  private List<Duplicate> duplicateTasks = List.of();

  /** Null: none is. */
  private BitSet isDuplicate;

  private int duplicates;
  private int accepted;
  private long firstAccepted;
  private StoredExtra origin = StoredExtra.getDefaultInstance();

  /** Null: all have the same. */
  private List<StoredExtra> origins;

  private List<Definitions.Change> along = List.of();
  private boolean anyDisk;
  private boolean anyProcess;

  private Batch(List<TaskSpec> specs, long sessionId, long firstNumber, boolean atomic) {
    this.specs = specs.toArray(NO_SPECS);
    this.sessionId = sessionId;
    this.firstNumber = firstNumber;
    this.atomic = atomic;
    this.ids = new long[specs.size()];
  }

  /** Of a unary call: the numbers are the indexes. */
  static Batch of(List<TaskSpec> specs) {
    return new Batch(specs, 0, 0, false);
  }

  /** Of a unary call that wants all of them to be accepted or none; they may name each other. */
  static Batch ofAtomic(List<TaskSpec> specs) {
    return new Batch(specs, 0, 0, true);
  }

  static Batch ofSession(List<TaskSpec> specs, long sessionId, long firstNumber) {
    return new Batch(specs, sessionId, firstNumber, false);
  }

  /**
   * Of a schedule.
   *
   * @param origin what its terms say of that
   * @param along definitions that stand behind it in the same run, if it is accepted
   */
  static Batch ofSchedule(TaskSpec spec, StoredExtra origin, List<Definitions.Change> along) {
    Batch batch = of(List.of(spec));
    batch.origin = origin;
    batch.along = along;
    return batch;
  }

  /**
   * Of tasks that are submitted again.
   *
   * @param origins what the terms of each say of that
   */
  static Batch ofRequeues(List<TaskSpec> specs, List<StoredExtra> origins) {
    Batch batch = of(specs);
    batch.origins = origins;
    return batch;
  }

  /** What a task's terms say beside what was asked for. */
  StoredExtra origin(int index) {
    return origins == null ? origin : origins.get(index);
  }

  /** How long all of that is. */
  long originBytes() {
    return origins == null
        ? origin.getSerializedSize()
        : origins.stream().mapToLong(StoredExtra::getSerializedSize).sum();
  }

  /** Definitions that stand behind it in the same run. */
  List<Definitions.Change> along() {
    return along;
  }

  int size() {
    return ids.length;
  }

  boolean isAtomic() {
    return atomic;
  }

  List<TaskSpec> specs() {
    return Arrays.asList(specs);
  }

  TaskSpec spec(int index) {
    return specs[index];
  }

  /** 0: none. */
  long sessionId() {
    return sessionId;
  }

  long number(int index) {
    return firstNumber + index;
  }

  long id(int index) {
    return ids[index];
  }

  /** Whether nothing is left to be done for it. */
  boolean isSettled(int index) {
    return ids[index] != 0 || (isRefused != null && isRefused[index]);
  }

  /**
   * It is an earlier task.
   *
   * @param reason unspecified: the session has submitted it before
   */
  void known(int index, long id, boolean disk, DuplicateReason reason) {
    ids[index] = id;
    duplicates++;
    isDuplicate = isDuplicate == null ? new BitSet() : isDuplicate;
    isDuplicate.set(index);
    if (reason != DuplicateReason.DUPLICATE_REASON_UNSPECIFIED) {
      noteDuplicate(
          Duplicate.newBuilder()
              .setNumber(number(index))
              .setReason(reason)
              .setDuplicateOf(id)
              .build());
    }
    note(disk);
  }

  private void noteDuplicate(Duplicate duplicate) {
    if (duplicateTasks.isEmpty()) {
      duplicateTasks = new ArrayList<>();
    }
    duplicateTasks.add(duplicate);
  }

  void accepted(int index, long id, boolean disk) {
    ids[index] = id;
    firstAccepted = accepted++ == 0 ? number(index) : firstAccepted;
    note(disk);
  }

  private void note(boolean disk) {
    anyDisk |= disk;
    anyProcess |= !disk;
  }

  void refuse(int index, Refused why) {
    if (isRefused == null) {
      isRefused = new boolean[ids.length];
      refused = new ArrayList<>();
      refusals = new ArrayList<>();
    }
    isRefused[index] = true;
    refused.add(why);
    refusals.add(why.toRefusal(number(index)));
  }

  /** Ids in order, 0 where refused. Not to be changed. */
  long[] ids() {
    return ids;
  }

  List<Refused> refused() {
    return refused;
  }

  /** Of a call without a session: why one was refused; null: it was not. */
  Refused refused(int index) {
    for (int i = 0; i < refusals.size(); i++) {
      if (refusals.get(i).getNumber() == index) {
        return refused.get(i);
      }
    }
    return null;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  int duplicates() {
    return duplicates;
  }

  /** The same one by one, but those that the session has submitted before. */
  List<Duplicate> duplicateTasks() {
    return duplicateTasks;
  }

  /** Of a single submission: why it made no task; unspecified if it did. */
  DuplicateReason duplicateReason() {
    return duplicateTasks.isEmpty()
        ? DuplicateReason.DUPLICATE_REASON_UNSPECIFIED
        : duplicateTasks.get(0).getReason();
  }

  /** Whether it became a task of its own. */
  boolean isAccepted(int index) {
    return ids[index] != 0 && (isDuplicate == null || !isDuplicate.get(index));
  }

  int accepted() {
    return accepted;
  }

  /** The number of the first one that became a task. */
  long firstAccepted() {
    return firstAccepted;
  }

  /** Whether the acknowledgement has to wait for a force. */
  boolean waitsForDisk() {
    return anyDisk;
  }

  /** The lowest of what is promised; unspecified if nothing is. */
  Durability durability() {
    if (anyProcess) {
      return Durability.DURABILITY_PROCESS;
    }
    return anyDisk ? Durability.DURABILITY_DISK : Durability.DURABILITY_UNSPECIFIED;
  }
}
