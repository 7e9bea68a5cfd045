package io.tidemill.sim;

import io.tidemill.shm.region.Layout;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the operations have written so far: which moves of slots, which entries of rings, which
 * fields. What the code declares and no operation writes is an operation that nobody has tested at
 * its crash points.
 */
final class Coverage implements Observer {
  private static final int RING_ENTRY_BYTES = 16;

  private final Set<String> moves = new TreeSet<>();
  private final Set<String> entries = new TreeSet<>();
  private final Set<String> fields = new TreeSet<>();

  // What there is.

  static Set<String> legalMoves() {
    Set<String> all = new TreeSet<>();
    for (TaskState from : TaskState.values()) {
      from.successors().forEach(to -> all.add(from + " -> " + to));
    }
    return all;
  }

  /** The numbers of the kinds that {@link Rings} declares. */
  static Set<String> entryKinds() {
    Set<String> all = new TreeSet<>();
    for (Field field : Rings.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        all.add(Integer.toString(valueOf(field)));
      }
    }
    return all;
  }

  private static int valueOf(Field field) {
    try {
      return field.getInt(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  static Set<String> declaredFields() {
    Set<String> all = new TreeSet<>();
    for (Layout layout :
        new Layout[] {
          TaskTable.LAYOUT,
          TermsTable.LAYOUT,
          Mapping.LAYOUT,
          WorkerTable.LAYOUT,
          WorkerHeap.LAYOUT,
          NoteTable.LAYOUT,
          LeaseTable.LAYOUT,
          PartialRing.LAYOUT
        }) {
      layout.fields().forEach(field -> all.add(layout.name() + ": " + field.name()));
    }
    return all;
  }

  // What was written.

  Set<String> moves() {
    return moves;
  }

  Set<String> entries() {
    return entries;
  }

  Set<String> fields() {
    return fields;
  }

  @Override
  public void onCas(Kind kind, long offset, long before, long after) {
    if (kind == Kind.TASKS) {
      moves.add(StateWord.state(before) + " -> " + StateWord.state(after));
    }
    note(kind, offset);
  }

  @Override
  public void onLong(Kind kind, long offset, long value) {
    if (kind == Kind.RINGS) {
      onRing(offset, value);
    }
    note(kind, offset);
  }

  /** The first word of an entry has its kind; the rings' own fields have no such values. */
  private void onRing(long offset, long value) {
    long inRing = (offset - RegionHeader.BYTES) % ringBytes();
    boolean first =
        inRing >= Ring.LAYOUT.length() && (inRing - Ring.LAYOUT.length()) % RING_ENTRY_BYTES == 0;
    if (first) {
      entries.add(Integer.toString(Rings.kind(value)));
    }
  }

  private static long ringBytes() {
    return Ring.LAYOUT.length() + (long) SharedMemory.Size.SMALL.ringEntries() * RING_ENTRY_BYTES;
  }

  @Override
  public void onInt(Kind kind, long offset) {
    note(kind, offset);
  }

  private void note(Kind kind, long offset) {
    switch (kind) {
      case TASKS -> note(TaskTable.LAYOUT, offset - RegionHeader.BYTES);
      case TERMS -> note(TermsTable.LAYOUT, offset - RegionHeader.BYTES);
      case MAPPING -> note(Mapping.LAYOUT, offset - RegionHeader.BYTES);
      case WORKERS -> note(WorkerTable.LAYOUT, offset - RegionHeader.BYTES);
      case WORKER_HEAP -> note(WorkerHeap.LAYOUT, offset - 2L * RegionHeader.BYTES);
      case CANCEL_NOTES, PROGRESS_NOTES -> note(NoteTable.LAYOUT, offset - RegionHeader.BYTES);
      case LEASES_TAKEN, LEASES_RETURNED -> note(LeaseTable.LAYOUT, offset - RegionHeader.BYTES);
      case PARTIALS -> note(PartialRing.LAYOUT, offset - RegionHeader.BYTES);
      case CONTROL, TASK_HEAP, TIMERS, TYPES, RINGS, RULES -> {}
    }
  }

  private void note(Layout layout, long at) {
    if (at < 0) {
      return;
    }
    for (Layout.Field field : layout.fields()) {
      if (field.offset() == at % layout.length()) {
        fields.add(layout.name() + ": " + field.name());
      }
    }
  }
}
