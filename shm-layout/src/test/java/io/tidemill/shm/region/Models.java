package io.tidemill.shm.region;

import io.tidemill.shm.region.NoteTable.Note;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.WorkerTable.Registration;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * The regions as a checker of linearizability takes them: each operation by one process, what has
 * one writer in one group. What an operation answers has to be what it would answer in some order
 * of all, one after the other.
 */
public final class Models {
  private Models() {}

  /** One producer, one consumer; a ring of two, so that it is full and comes round. */
  public static final class RingModel {
    private final Ring ring = new Ring(new WordMemory(Ring.bytes(2)), 0, 2);

    @Operation(nonParallelGroup = "producer")
    public boolean offer(int value) {
      return ring.offer(value, -value);
    }

    @Operation(nonParallelGroup = "consumer")
    public List<Long> take() {
      List<Long> taken = new ArrayList<>();
      ring.drain(
          (a, b) -> {
            taken.add(a);
            taken.add(b);
          },
          1);
      return taken;
    }

    @Operation(nonParallelGroup = "consumer")
    public boolean isEmpty() {
      return ring.isEmpty();
    }
  }

  /** Facts that are told of through a ring of one, the rest through its flag and a scan. */
  public static final class OverflowModel {
    private static final int FACTS = 8;
    private final WordMemory facts = new WordMemory(FACTS * 8L);
    private final Ring ring = new Ring(new WordMemory(Ring.bytes(1)), 0, 1);
    private int seen;

    @Operation(nonParallelGroup = "producer")
    public void tell(int value) {
      int fact = value & (FACTS - 1);
      facts.putLong(fact * 8L, 1);
      ring.offer(fact, 0);
    }

    @Operation(nonParallelGroup = "consumer")
    public int known() {
      if (ring.isOverflown()) {
        ring.clearOverflow();
        for (int fact = 0; fact < FACTS; fact++) {
          seen |= facts.getLong(fact * 8L) != 0 ? 1 << fact : 0;
        }
      }
      ring.drain((fact, b) -> seen |= 1 << fact, 4);
      return seen;
    }
  }

  /** A slot that the Main Scheduler, the Register and the PLM move at once. */
  public static final class SlotModel {
    private final TaskTable tasks =
        new TaskTable(WordMemory.region(Kind.TASKS, TaskTable.bytes(1), 1));

    public SlotModel() {
      tasks.restore(0, StateWord.of(TaskState.READY, StateWord.NO_WORKER, 0, 1));
    }

    /** One move: the new word, 0 where it is not for this state, -1 if the slot had moved. */
    private interface Move {
      long from(long word, TaskState state);
    }

    private String moved(Move move) {
      while (true) {
        long word = tasks.word(0);
        long next = move.from(word, StateWord.state(word));
        if (next != -1) {
          return next == 0 ? "no" : StateWord.describe(next);
        }
      }
    }

    @Operation(nonParallelGroup = "scheduler")
    public String assign() {
      return moved((word, state) -> state == TaskState.READY ? tasks.assign(0, word, 3) : 0);
    }

    @Operation(nonParallelGroup = "scheduler")
    public String requeue() {
      return moved((word, state) -> state.isLeased() ? tasks.requeue(0, word) : 0);
    }

    @Operation(nonParallelGroup = "register")
    public String start() {
      return moved((word, state) -> state == TaskState.ASSIGNED ? tasks.start(0, word) : 0);
    }

    @Operation(nonParallelGroup = "register")
    public String record() {
      return moved(
          (word, state) ->
              state.isLeased() || state == TaskState.READY ? tasks.record(0, word) : 0);
    }

    @Operation(nonParallelGroup = "register")
    public String end() {
      return moved(
          (word, state) ->
              state == TaskState.RECORDING ? tasks.end(0, word, TaskState.SUCCEEDED) : 0);
    }

    @Operation(nonParallelGroup = "register")
    public String retry() {
      return moved((word, state) -> state == TaskState.RECORDING ? tasks.retry(0, word) : 0);
    }

    @Operation(nonParallelGroup = "plm")
    public String take() {
      return moved((word, state) -> state.isEnd() ? tasks.free(0, word) : 0);
    }

    @Operation(nonParallelGroup = "plm")
    public String submit() {
      return moved(
          (word, state) -> {
            long filling = state == TaskState.FREE ? tasks.fill(0, word) : 0;
            return filling == 0 || filling == -1
                ? filling
                : tasks.publish(0, filling, TaskState.READY);
          });
    }
  }

  /** What all processes add to, and what one counts. */
  public static final class ControlModel {
    private final Control control =
        new Control(WordMemory.region(Kind.CONTROL, Control.bytes(), Role.values().length));

    @Operation
    public long draw() {
      return control.drawSequences(2);
    }

    @Operation
    public void ask() {
      control.askSweep(Role.PLM);
    }

    @Operation(nonParallelGroup = "plm")
    public void count() {
      control.count(Counter.ACCEPTED, 1);
    }

    @Operation
    public long counted() {
      return control.count(Counter.ACCEPTED);
    }

    @Operation
    public long asked() {
      return control.sweepAsked(Role.PLM);
    }
  }

  /** One writer; a name has one number for all, and a number one name. */
  public static final class TypesModel {
    private static final String[] NAMES = {"a", "b", "c"};
    private final WordMemory memory = WordMemory.region(Kind.TYPES, TypeTable.bytes(2), 2);
    private final TypeTable plm = new TypeTable(memory);
    private final TypeTable scheduler = new TypeTable(memory);

    @Operation(nonParallelGroup = "plm")
    public int intern(int name) {
      return plm.intern(NAMES[Math.floorMod(name, NAMES.length)]);
    }

    @Operation(nonParallelGroup = "scheduler")
    public int find(int name) {
      return scheduler.find(NAMES[Math.floorMod(name, NAMES.length)]);
    }

    @Operation(nonParallelGroup = "scheduler")
    public String lastName() {
      int count = scheduler.count();
      return count == 0 ? "" : scheduler.name(count - 1);
    }
  }

  /** One writer; a reader sees a note as it was written, or the one before. */
  public static final class NotesModel {
    private static final long TASK = TaskId.of(1, 1, 0);
    private final NoteTable notes =
        new NoteTable(
            WordMemory.region(Kind.PROGRESS_NOTES, RegionHeader.BYTES + NoteTable.STRIDE, 1));

    @Operation(nonParallelGroup = "writer")
    public void write(int value) {
      notes.write(TASK, value, value, "n" + value);
    }

    @Operation(nonParallelGroup = "reader")
    public Note read() {
      return notes.read(TASK);
    }
  }

  /** One writer; a reader sees the note of a lease as it was written, or the one before. */
  public static final class LeasesModel {
    private static final long TASK = TaskId.of(1, 1, 0);
    private final LeaseTable leases =
        new LeaseTable(WordMemory.region(Kind.LEASES_TAKEN, LeaseTable.bytes(1), 1));

    @Operation(nonParallelGroup = "writer")
    public void write(int value) {
      leases.write(
          TASK, new PastLease(value, LeaseEnd.OVERRAN, "w" + value, value, 0, value, value, 0, ""));
    }

    @Operation(nonParallelGroup = "reader")
    public List<PastLease> read() {
      return leases.read(TASK);
    }
  }

  /** One writer; a row is read as one registration, not before its incarnation says so. */
  public static final class WorkersModel {
    private final WorkerTable workers =
        new WorkerTable(WordMemory.region(Kind.WORKERS, WorkerTable.bytes(1), 1));

    @Operation(nonParallelGroup = "register")
    public long enter(int value) {
      workers.state(0, WorkerTable.State.DEAD);
      return workers.enter(
          0, new Registration("w" + value, value, value, List.of(), "", value), value, value);
    }

    /** Of the registration that the state tells of, whole; or nothing while there is none. */
    @Operation(nonParallelGroup = "reader")
    public boolean isWhole() {
      boolean alive = workers.state(0) == WorkerTable.State.ALIVE;
      Registration seen = workers.registration(0);
      return !alive
          || seen == null
          || (seen.workerId().equals("w" + seen.instanceId())
              && seen.capacity() == seen.instanceId()
              && seen.pid() == seen.instanceId());
    }
  }

  /** Who holds a slot. */
  public static final class MappingModel {
    private final Mapping mapping =
        new Mapping(WordMemory.region(Kind.MAPPING, Mapping.bytes(1), 1));

    @Operation(nonParallelGroup = "scheduler")
    public void hold(int lease) {
      mapping.hold(0, 2, lease & 0xFF);
    }

    @Operation(nonParallelGroup = "register")
    public void clear() {
      mapping.clear(0);
    }

    @Operation
    public long entry() {
      return mapping.entry(0);
    }
  }
}
