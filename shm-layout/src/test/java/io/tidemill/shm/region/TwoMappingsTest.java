package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.region.NoteTable.Note;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.WorkerTable.Registration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two threads as two processes, each with a mapping of its own of one file, on the processor as it
 * is. More rounds with -Dtidemill.mappings.rounds=N, as system-tests/suites/concurrency.sh does.
 */
class TwoMappingsTest {
  private static final int ROUNDS = Integer.getInteger("tidemill.mappings.rounds", 20_000);
  private static final long FOREVER_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path folder;
  private MappedMemory one;
  private MappedMemory other;

  private void map(Kind kind, long bytes, long capacity) throws IOException {
    Path file = folder.resolve(kind.fileName());
    AllocatedFile.create(file, (bytes + 4_095) / 4_096 * 4_096);
    one = MappedMemory.open(file);
    other = MappedMemory.open(file);
    RegionHeader.prepare(one, kind, capacity, 1, 1);
    RegionHeader.seal(one);
  }

  @AfterEach
  void unmap() {
    one.close();
    other.close();
  }

  /** One that is not woken sleeps on for a minute. */
  @Test
  void losesNoWakeUp() throws IOException {
    map(Kind.CONTROL, Control.bytes() + 64, Role.values().length);
    long work = Control.bytes();
    Player ping = new Player(one, work, Role.PLM, Role.REGISTER, 0);
    Player pong = new Player(other, work, Role.REGISTER, Role.PLM, 1);
    CompletableFuture<Void> answers = CompletableFuture.runAsync(pong);
    ping.run();
    answers.join();
    assertThat(ping.lost + pong.lost).as("wake-ups lost").isZero();
  }

  /** Takes its turn, wakes the other, sleeps until the other's turn is over. */
  private static final class Player implements Runnable {
    private final Memory memory;
    private final long work;
    private final WakeUp own;
    private final WakeUp theirs;
    private final int parity;
    private final Random random;
    private int lost;

    Player(Memory memory, long work, Role self, Role partner, int parity) {
      Control control = new Control(memory);
      this.memory = memory;
      this.work = work;
      this.own = new WakeUp(control, self);
      this.theirs = new WakeUp(control, partner);
      this.parity = parity;
      this.random = new Random(parity);
    }

    @Override
    public void run() {
      for (int turn = parity; turn < ROUNDS; turn += 2) {
        long due = turn;
        while (memory.getLongAcquire(work) != due) {
          long started = System.nanoTime();
          own.await(() -> memory.getLongAcquire(work) == due, FOREVER_NANOS);
          lost += System.nanoTime() - started >= FOREVER_NANOS ? 1 : 0;
        }
        // Now and then so long that the partner is about to sleep.
        for (int i = random.nextInt(400); i > 0; i--) {
          Thread.onSpinWait();
        }
        memory.putLongRelease(work, due + 1);
        theirs.wake();
      }
    }
  }

  @Test
  void losesNoEntryThoughTheRingRunsOver() throws IOException {
    int facts = ROUNDS;
    long factsAt = Ring.bytes(8);
    map(Kind.RINGS, factsAt + facts * 8L + 64, 1);
    one.putLong(0, 0);
    one.putLong(24, 0);
    for (long at = 0; at < RegionHeader.BYTES; at += 8) {
      one.putLong(at, 0);
    }
    CompletableFuture<Void> producer =
        CompletableFuture.runAsync(
            () -> {
              Ring ring = new Ring(one, 0, 8);
              for (int fact = 0; fact < facts; fact++) {
                one.casLong(factsAt + fact * 8L, 0, fact + 1L);
                ring.offer(fact, -fact);
              }
            });
    Ring ring = new Ring(other, 0, 8);
    BitSet seen = new BitSet();
    boolean last;
    do {
      last = producer.isDone();
      if (ring.isOverflown()) {
        ring.clearOverflow();
        for (int fact = 0; fact < facts; fact++) {
          if (other.getLongAcquire(factsAt + fact * 8L) != 0) {
            seen.set(fact);
          }
        }
      }
      ring.drain(
          (fact, b) -> {
            assertThat(b).isEqualTo(-fact);
            assertThat(other.getLong(factsAt + fact * 8)).isEqualTo(fact + 1);
            seen.set((int) fact);
          },
          8);
    } while (!last || !ring.isEmpty() || ring.isOverflown());
    producer.join();
    assertThat(seen.cardinality()).isEqualTo(facts);
  }

  @Test
  void showsNotesAndRowsWhole() throws IOException {
    map(Kind.PROGRESS_NOTES, RegionHeader.BYTES + NoteTable.STRIDE, 1);
    long task = TaskId.of(1, 1, 0);
    NoteTable writer = new NoteTable(one);
    NoteTable reader = new NoteTable(other);
    CompletableFuture<Void> writes =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                writer.write(task, i, i, "note " + i);
              }
            });
    int before = 0;
    while (!writes.isDone()) {
      Note seen = reader.read(task);
      if (seen != null) {
        assertThat(seen.text()).isEqualTo("note " + seen.lease());
        assertThat(seen.value()).isEqualTo((float) seen.lease());
        assertThat(seen.lease()).isGreaterThanOrEqualTo(before);
        before = seen.lease();
      }
    }
    writes.join();
    unmap();
    map(Kind.WORKERS, WorkerTable.bytes(1), 1);
    WorkerTable register = new WorkerTable(one);
    WorkerTable scheduler = new WorkerTable(other);
    CompletableFuture<Void> registrations =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= ROUNDS / 4; i++) {
                register.state(0, WorkerTable.State.DEAD);
                register.enter(
                    0, new Registration("w" + i, i, i, List.of("t" + i), "h" + i, i), i, i);
              }
            });
    while (!registrations.isDone()) {
      long incarnation = scheduler.incarnation(0);
      Registration seen = scheduler.registration(0);
      if (seen != null && incarnation > 0) {
        int i = seen.pid();
        assertThat(seen).isEqualTo(new Registration("w" + i, i, i, List.of("t" + i), "h" + i, i));
        assertThat((long) i).as("not before the state says so").isGreaterThanOrEqualTo(incarnation);
      }
    }
    registrations.join();
  }

  @Test
  void givesASlotToOneOfTwo() throws IOException {
    map(Kind.TASKS, TaskTable.bytes(1), 1);
    TaskTable mine = new TaskTable(one);
    TaskTable theirs = new TaskTable(other);
    mine.restore(0, StateWord.of(TaskState.READY, StateWord.NO_WORKER, 0, 1));
    int[] moves = new int[2];
    CompletableFuture<Void> register =
        CompletableFuture.runAsync(() -> moves[1] = takeAndGiveBack(theirs, false));
    moves[0] = takeAndGiveBack(mine, true);
    register.join();
    assertThat(StateWord.state(mine.word(0))).isEqualTo(TaskState.READY);
    assertThat(StateWord.lease(mine.word(0))).as("each assignment once").isEqualTo(moves[0]);
    assertThat(mine.attempts(0)).as("each record once").isEqualTo(moves[1]);
  }

  /** What each holds alone it may count without a lock. */
  private static int takeAndGiveBack(TaskTable tasks, boolean assigns) {
    int won = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long word = tasks.word(0);
      if (StateWord.state(word) == TaskState.READY) {
        long taken = assigns ? tasks.assign(0, word, 3) : tasks.record(0, word);
        if (taken != -1) {
          won++;
          if (!assigns) {
            tasks.attempts(0, tasks.attempts(0) + 1);
          }
          assertThat(assigns ? tasks.requeue(0, taken) : tasks.retry(0, taken)).isNotEqualTo(-1);
        }
      }
    }
    return won;
  }

  @Test
  void refusesWhatLiesOutsideOfAnArrayOrWasClosed() throws IOException {
    map(Kind.MAPPING, Mapping.bytes(1), 1);
    assertThat(catchThrowable(() -> other.putBytes(64, new byte[8], 4, 8)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    Mapping mapping = new Mapping(other);
    other.close();
    assertThat(catchThrowable(() -> mapping.entry(0)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    other = MappedMemory.open(folder.resolve(Kind.MAPPING.fileName()));
  }
}
