package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TaskHeap.LaneHeap;
import io.tidemill.shm.region.WorkerTable.Registration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever bytes stand behind a region's header, its class answers, or says that the memory is
 * damaged, or is refused by the memory's own bounds; it is in no endless loop, and touches nothing
 * outside.
 */
@Timeout(600)
class FlippedBytesTest {
  private static final long SEED = Long.getLong("tidemill.seed", 20_261_121L);
  private static final int ROUNDS = Integer.getInteger("tidemill.flips", 300);
  private static final Registration WORKER =
      new Registration("w", 1, 2, List.of("a", "b"), "host", 3);

  private final Random random = new Random(SEED);
  private int refused;

  @Test
  void meetsNothingThatItCannotTellOrBear() {
    flip(TestRegions.memory(Kind.TASKS, TaskTable.bytes(4), 4), FlippedBytesTest::useTasks);
    flip(TestRegions.memory(Kind.TASK_HEAP, TaskHeap.bytes(50, 3), 50), FlippedBytesTest::useHeap);
    flip(TestRegions.memory(Kind.WORKERS, WorkerTable.bytes(2), 2), FlippedBytesTest::useWorkers);
    flip(
        TestRegions.memory(Kind.WORKER_HEAP, WorkerHeap.bytes(5), 5),
        FlippedBytesTest::useWorkerHeap);
    flip(TestRegions.memory(Kind.MAPPING, Mapping.bytes(4), 4), FlippedBytesTest::useMapping);
    flip(TestRegions.memory(Kind.TERMS, TermsTable.bytes(4), 4), FlippedBytesTest::useTerms);
    flip(TestRegions.memory(Kind.RULES, RuleTable.bytes(3), 3), FlippedBytesTest::useRules);
    flip(TestRegions.types(4), FlippedBytesTest::useTypes);
    flip(TestRegions.memory(Kind.RINGS, Rings.bytes(4), 1), FlippedBytesTest::useRings);
    flip(
        TestRegions.memory(Kind.CANCEL_NOTES, RegionHeader.BYTES + 2L * NoteTable.STRIDE, 2),
        FlippedBytesTest::useNotes);
    flip(
        TestRegions.memory(Kind.PARTIALS, RegionHeader.BYTES + 2L * PartialRing.STRIDE, 2),
        FlippedBytesTest::usePartials);
    flip(
        TestRegions.memory(Kind.CONTROL, Control.bytes(), Role.values().length),
        FlippedBytesTest::useControl);
    assertThat(refused).as("some of it was refused").isPositive();
    System.out.printf("flipped bytes: seed=%d uses=%d refused=%d%n", SEED, 12 * ROUNDS, refused);
  }

  /** First as it is, then with a few bytes or all of them flipped, over and over. */
  private void flip(HeapMemory memory, Consumer<Memory> use) {
    use.accept(memory);
    byte[] sound = memory.copy();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = sound.clone();
      int count = round % 10 == 0 ? bytes.length : 1 + random.nextInt(6);
      for (int i = 0; i < count; i++) {
        int at = RegionHeader.BYTES + random.nextInt(bytes.length - RegionHeader.BYTES);
        bytes[at] ^= (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(256));
      }
      HeapMemory flipped = new HeapMemory(bytes.length);
      flipped.putBytes(0, bytes, 0, bytes.length);
      useFlipped(use, flipped, round);
    }
  }

  private void useFlipped(Consumer<Memory> use, HeapMemory flipped, int round) {
    try {
      use.accept(flipped);
    } catch (DamagedException e) {
      refused++;
    } catch (IndexOutOfBoundsException e) {
      // Ours, with a sentence; not one of an array that somebody forgot about.
      assertThat(e.getClass())
          .as("seed %d round %d", SEED, round)
          .isEqualTo(IndexOutOfBoundsException.class);
      refused++;
    }
  }

  private static void useTasks(Memory memory) {
    TaskTable tasks = new TaskTable(memory);
    for (int slot = 0; slot < tasks.capacity(); slot++) {
      long word = tasks.word(slot);
      tasks.wordOf(tasks.id(slot));
      switch (StateWord.state(word)) {
        case FREE -> {
          long filling = tasks.fill(slot, word);
          if (filling != -1) {
            tasks.clearLife(slot);
            tasks.id(slot, TaskId.of(1, StateWord.generation(filling), slot));
            tasks.publish(slot, filling, TaskState.READY);
          }
        }
        case READY -> tasks.assign(slot, word, 1);
        case FILLING -> tasks.abandon(slot, word);
        case ASSIGNED, RUNNING -> tasks.requeue(slot, word);
        case RECORDING -> tasks.unrecord(slot, word);
        case WAITING -> tasks.record(slot, word);
        default -> tasks.free(slot, word);
      }
    }
  }

  private static void useHeap(Memory memory) {
    TaskHeap reader = new TaskHeap(memory, 50, 3);
    for (int lane = 0; lane < 3; lane++) {
      reader.size(lane);
      reader.best(lane, 5).forEach(TaskHeap.Entry::slot);
    }
    reader.clear();
    LaneHeap lane = reader.lane(2);
    for (int i = 0; i < 20; i++) {
      lane.push(TaskHeap.first(i % 3, i), TaskHeap.second(i, i));
    }
    lane.pop();
    assertThat(reader.size(2)).isEqualTo(19);
  }

  private static void useWorkers(Memory memory) {
    WorkerTable workers = new WorkerTable(memory);
    for (int row = 0; row < 2; row++) {
      Registration seen = workers.registration(row);
      assertThat(seen == null || seen.workerId().length() <= WorkerTable.ID_BYTES_MAX).isTrue();
      workers.lastBeat(row);
      if (workers.state(row) != WorkerTable.State.ALIVE) {
        workers.enter(row, WORKER, 1, 2);
        assertThat(workers.registration(row)).isEqualTo(WORKER);
      }
    }
  }

  /** As its writer does, first without forgetting what stood there. */
  private static void useWorkerHeap(Memory memory) {
    WorkerHeap heap = new WorkerHeap(memory);
    try {
      for (int place = 0; place < Math.min(heap.size(), heap.capacity()); place++) {
        heap.room(heap.rowAt(place));
      }
      for (int row = 0; row < heap.capacity(); row++) {
        heap.update(row, row, 5);
      }
    } finally {
      heap.clear();
      for (int row = 0; row < heap.capacity(); row++) {
        heap.update(row, row, 5);
      }
      assertThat(heap.size()).isEqualTo(heap.capacity());
      assertThat(heap.rowAt(0)).isZero();
    }
  }

  private static void useMapping(Memory memory) {
    Mapping mapping = new Mapping(memory);
    mapping.forEach(4, (slot, worker, lease) -> mapping.worker(slot));
    mapping.hold(2, 3, 4);
    assertThat(mapping.entry(2)).isEqualTo(Mapping.entry(3, 4));
  }

  private static void useTerms(Memory memory) {
    TermsTable terms = new TermsTable(memory);
    for (int slot = 0; slot < 4; slot++) {
      terms.dueNanos(slot);
      terms.backoffHundredths(slot);
      terms.pending(slot);
      terms.clear(slot);
      assertThat(terms.dueNanos(slot) + terms.runAtMillis(slot) + terms.endByNanos(slot)).isZero();
    }
  }

  private static void useRules(Memory memory) {
    RuleTable rules = new RuleTable(memory);
    rules.read().forEach(rule -> rule.covers("key"));
    List<Rule> some = List.of(Rule.ofQueue("q", true, 1), Rule.ofKey("k", 1, 2, 3, 4));
    rules.publish(some);
    assertThat(rules.read()).isEqualTo(some);
  }

  private static void useTypes(Memory memory) {
    TypeTable types = new TypeTable(memory);
    types.find("a");
    for (String name : new String[] {"a", "b", "c", "d", "e"}) {
      int number = types.intern(name);
      assertThat(number == -1 || types.name(number).equals(name)).isTrue();
    }
    types.name(types.count() - 1);
  }

  /** Whoever cannot go by its entries is told to scan. */
  private static void useRings(Memory memory) {
    Rings rings = new Rings(memory);
    for (Ring ring :
        new Ring[] {rings.plmToScheduler(), rings.registerToPlm(), rings.schedulerToRegister()}) {
      for (int turn = 0; turn < 10; turn++) {
        boolean told = ring.offer(turn, turn);
        boolean[] came = {false};
        int round = turn;
        int drained = ring.drain((a, b) -> came[0] |= a == round, 10);
        assertThat(drained).isBetween(0, 4);
        assertThat(came[0] || ring.isOverflown() || !told).isTrue();
        assertThat(told || ring.isOverflown()).isTrue();
        assertThat(ring.size()).isBetween(0, 4);
      }
      ring.clearOverflow();
      assertThat(ring.isEmpty()).as("it has come to rest").isTrue();
      assertThat(ring.isOverflown()).isFalse();
    }
  }

  private static void useNotes(Memory memory) {
    NoteTable notes = new NoteTable(memory);
    for (int slot = 0; slot < 5; slot++) {
      notes.read(TaskId.of(1, 1, slot));
      notes.write(TaskId.of(1, 1, slot), 1, 0.5f, "text");
      assertThat(notes.read(TaskId.of(1, 1, slot)).text()).isEqualTo("text");
    }
  }

  private static void usePartials(Memory memory) {
    PartialRing ring = new PartialRing(memory);
    PartialRing.Part part = new PartialRing.Part();
    long end = ring.end();
    for (long number = ring.oldest(end); number <= end; number++) {
      ring.read(number, 5, part);
    }
    ring.write(5, 1, 1, 0, new byte[] {1, 2}, 0, 2);
  }

  private static void useControl(Memory memory) {
    Control control = new Control(memory);
    control.errors().entries();
    for (Role role : Role.values()) {
      control.errors().record(role, "an error", 5);
      control.enter(role, 1, 2);
      control.beat(role);
      control.askSweep(role);
      control.sweepDone(role, control.sweepAsked(role));
      control.phase(role);
    }
    for (Counter counter : Counter.values()) {
      control.count(counter, 1);
    }
    control.slotsUsed();
    control.drawSequences(2);
  }
}
