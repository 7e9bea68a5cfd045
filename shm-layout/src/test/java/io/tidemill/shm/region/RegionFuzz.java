package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.util.List;

/**
 * Any bytes behind the header of a mapped file: whoever looks at the region (inspect, a successor,
 * a server that answers a question) gets a value, or an index out of bounds, which it takes for
 * garbage. The first byte chooses the region, the two after it where the bytes go.
 */
public final class RegionFuzz {
  private static final int TASKS = 64;
  private static final int LANES = 4;
  private static final int ROWS = 4;
  private static final int BEGIN = 3;
  private static final int LIMIT = 10;

  /** One region, and how others read it. */
  private record Target(Memory memory, Runnable look) {}

  private static final List<Target> TARGETS =
      List.of(types(), notes(), control(), workers(), taskHeap(), workerHeap(), tasks(), rings());

  private RegionFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < BEGIN) {
      return;
    }
    Target target = TARGETS.get((input[0] & 0xFF) % TARGETS.size());
    int room = Math.toIntExact(target.memory.size()) - RegionHeader.BYTES;
    int where = ((input[1] & 0xFF) | (input[2] & 0xFF) << 8) * 8 % (room - 8);
    int length = Math.min(input.length - BEGIN, room - where);
    target.memory.putBytes(RegionHeader.BYTES + where, input, BEGIN, length);
    try {
      target.look.run();
    } catch (DamagedException refused) {
      require(refused.getMessage().contains("region="), "a refusal that does not say where");
    } finally {
      target.memory.putBytes(RegionHeader.BYTES + where, new byte[length], 0, length);
    }
  }

  private static Target types() {
    Memory memory = TestRegions.types(ROWS);
    return new Target(
        memory,
        () -> {
          TypeTable table = new TypeTable(memory);
          int count = Math.max(0, Math.min(table.count(), table.capacity()));
          for (int type = 0; type < count; type++) {
            String name = table.name(type);
            require(name.length() <= TypeTable.NAME_BYTES_MAX, "a type's name is too long");
            require(table.find(name) >= 0, "a type that has a name is not found");
          }
        });
  }

  private static Target notes() {
    Memory memory = TestRegions.memory(Kind.CANCEL_NOTES, NoteTable.bytes(), NoteTable.ENTRIES);
    NoteTable table = new NoteTable(memory);
    return new Target(
        memory,
        () -> {
          for (long slot = 0; slot < ROWS; slot++) {
            NoteTable.Note note = table.read(slot);
            require(
                note == null || note.text().length() <= NoteTable.TEXT_BYTES, "a note is too long");
          }
        });
  }

  private static Target control() {
    Memory memory = TestRegions.memory(Kind.CONTROL, Control.bytes(), Role.values().length);
    Control control = new Control(memory);
    return new Target(
        memory,
        () -> {
          control.errors().entries().forEach(e -> require(e.count() > 0, "an error that was not"));
          for (Role role : Role.values()) {
            garbageOr(() -> control.phase(role));
            control.pid(role);
            control.sweepAsked(role);
          }
          for (Counter counter : Counter.values()) {
            control.count(counter);
          }
        });
  }

  private static Target workers() {
    Memory memory = TestRegions.memory(Kind.WORKERS, WorkerTable.bytes(ROWS), ROWS);
    WorkerTable table = new WorkerTable(memory);
    return new Target(
        memory,
        () -> {
          for (int row = 0; row < ROWS; row++) {
            int at = row;
            garbageOr(() -> table.state(at));
            WorkerTable.Registration said = table.registration(row);
            require(
                said == null || said.workerId().length() <= WorkerTable.ID_BYTES_MAX, "a long id");
          }
        });
  }

  private static Target taskHeap() {
    Memory memory = TestRegions.memory(Kind.TASK_HEAP, TaskHeap.bytes(TASKS, LANES), TASKS);
    TaskHeap heap = new TaskHeap(memory, TASKS, LANES);
    return new Target(
        memory,
        () -> {
          for (int lane = 0; lane < LANES; lane++) {
            List<TaskHeap.Entry> best = heap.best(lane, LIMIT);
            require(best.size() <= LIMIT, "more entries than were asked for");
            best.forEach(e -> require(e.slot() >= 0, "a slot below the first"));
          }
        });
  }

  private static Target workerHeap() {
    Memory memory = TestRegions.memory(Kind.WORKER_HEAP, WorkerHeap.bytes(ROWS), ROWS);
    WorkerHeap heap = new WorkerHeap(memory);
    return new Target(
        memory,
        () -> {
          for (int row = 0; row < ROWS; row++) {
            require(heap.room(row) >= 0, "less than no room");
          }
        });
  }

  private static Target tasks() {
    Memory memory = TestRegions.memory(Kind.TASKS, TaskTable.bytes(TASKS), TASKS);
    TaskTable table = new TaskTable(memory);
    return new Target(
        memory,
        () -> {
          for (int slot = 0; slot < TASKS; slot++) {
            long id = table.id(slot);
            garbageOr(() -> table.wordOf(id));
            long word = table.word(slot);
            garbageOr(() -> StateWord.state(word));
            require(StateWord.worker(word) >= StateWord.NO_WORKER, "a row below none");
          }
        });
  }

  private static Target rings() {
    Memory memory = new HeapMemory(Math.toIntExact(Rings.bytes(LANES * ROWS)));
    RegionHeader.prepare(memory, Kind.RINGS, 1, 1, 1);
    Rings rings = new Rings(memory);
    return new Target(
        memory,
        () -> {
          Ring ring = rings.plmToScheduler();
          ring.isOverflown();
          ring.isEmpty();
          require(ring.size() >= 0, "fewer entries than none");
        });
  }

  /** What readers take for garbage. */
  private static void garbageOr(Runnable read) {
    try {
      read.run();
    } catch (IndexOutOfBoundsException garbage) {
      return;
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
