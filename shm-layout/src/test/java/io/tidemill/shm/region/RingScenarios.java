package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * A ring between its producer and its consumer, with what the entries tell of in a region beside
 * it.
 */
final class RingScenarios {
  private static final int CAPACITY = 4;

  private RingScenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    for (int used = 0; used <= CAPACITY; used++) {
      int entries = used;
      for (boolean run : List.of(false, true)) {
        String what = run ? "a run" : "offer";
        all.add(
            Scenario.withRival(
                what + " and drain at " + used, () -> new Traffic(entries, run, false)));
        all.add(
            Scenario.withRival(
                what + " and sweep at " + used, () -> new Traffic(entries, run, true)));
      }
    }
    all.add(Scenario.of("a ring whose ends cannot be", Impossible::new));
    return all;
  }

  /**
   * The producer has facts (in the slots, say) and tells of each in the ring. What it made known
   * before it died is found, by the ring or by a scan.
   */
  private static final class Traffic extends Scenario.Case {
    private static final int FACTS_MAX = 16;
    private static final long FACTS_AT = Ring.bytes(CAPACITY);

    private final boolean inRun;
    private final boolean sweeps;
    private final List<Long> taken = new ArrayList<>();

    Traffic(int entries, boolean inRun, boolean sweeps) {
      super(new HeapMemory((int) FACTS_AT + FACTS_MAX * 8));
      this.inRun = inRun;
      this.sweeps = sweeps;
      // So that the ring is about to come round.
      for (int i = 0; i < 3; i++) {
        tell(memory, i);
      }
      consume(memory);
      for (int i = 3; i < 3 + entries; i++) {
        tell(memory, i);
      }
    }

    private static Ring ring(Memory by) {
      return new Ring(by, 0, CAPACITY);
    }

    private static void tell(Memory by, int fact) {
      by.casLong(FACTS_AT + fact * 8L, 0, 1);
      ring(by).offer(fact, -fact);
    }

    private void consume(Memory by) {
      Ring ring = ring(by);
      if (ring.isOverflown()) {
        ring.clearOverflow();
        for (long fact = 0; fact < FACTS_MAX; fact++) {
          if (by.getLongAcquire(FACTS_AT + fact * 8) != 0) {
            taken.add(fact);
          }
        }
      }
      ring.drain(
          (a, b) -> {
            assertThat(b).isEqualTo(-a);
            taken.add(a);
          },
          10);
    }

    @Override
    void operate(Memory by) {
      if (!inRun) {
        tell(by, 8);
        tell(by, 9);
        return;
      }
      Ring ring = ring(by);
      for (long fact = 8; fact <= 9; fact++) {
        by.casLong(FACTS_AT + fact * 8, 0, 1);
        ring.stage(fact, -fact);
      }
      ring.publish();
    }

    @Override
    void rival(Memory by) {
      if (sweeps) {
        ring(by).clearOverflow();
        for (long fact = 0; fact < FACTS_MAX; fact++) {
          if (by.getLongAcquire(FACTS_AT + fact * 8) != 0) {
            taken.add(fact);
          }
        }
      }
      consume(by);
    }

    /** The next consumer starts with a scan, and then takes what comes. */
    @Override
    void recover(Memory by) {
      consume(by);
    }

    @Override
    void look(Memory by) {
      Ring ring = ring(by);
      assertThat(ring.size()).isBetween(0, CAPACITY);
      assertThat(ring.isEmpty()).isEqualTo(ring.size() == 0);
      requireWholeEntries(by);
    }

    /** What the consumer would take now: each entry whole, and its fact known before it. */
    private static void requireWholeEntries(Memory by) {
      HeapMemory consumer = new HeapMemory(Math.toIntExact(by.size()));
      byte[] bytes = ((HeapMemory) by).copy();
      consumer.putBytes(0, bytes, 0, bytes.length);
      ring(consumer)
          .drain(
              (fact, b) -> {
                assertThat(b).isEqualTo(-fact);
                assertThat(consumer.getLong(FACTS_AT + fact * 8)).isEqualTo(1);
              },
              10);
    }

    @Override
    void check(Memory by) {
      consume(by);
      assertThat(ring(by).isEmpty()).isTrue();
      assertThat(ring(by).isOverflown()).isFalse();
      for (long fact = 0; fact < 9; fact++) {
        boolean known = by.getLong(FACTS_AT + fact * 8) != 0;
        // The last fact may be one whose producer died before it told of it, and so may a run.
        boolean told = known && (fact < 8 || (!inRun && by.getLong(FACTS_AT + 72) != 0));
        assertThat(!told || taken.contains(fact)).as("fact " + fact + " of " + taken).isTrue();
      }
    }
  }

  private static final class Impossible extends Scenario.Case {
    Impossible() {
      super(new HeapMemory((int) Ring.bytes(CAPACITY)));
      memory.putLong(Ring.HEAD, 100);
      memory.putLong(Ring.TAIL, 7);
    }

    @Override
    void operate(Memory by) {
      Ring ring = new Ring(by, 0, CAPACITY);
      assertThat(ring.offer(1, 2)).isFalse();
      assertThat(ring.drain((a, b) -> {}, 10)).isZero();
    }

    @Override
    void recover(Memory by) {
      Ring ring = new Ring(by, 0, CAPACITY);
      int used = ring.drain((a, b) -> {}, 10);
      if (ring.isOverflown()) {
        assertThat(used).as("taken of what cannot be").isZero();
        ring.clearOverflow();
      }
      assertThat(ring.offer(3, 4)).isTrue();
    }

    @Override
    void look(Memory by) {
      assertThat(new Ring(by, 0, CAPACITY).size()).isBetween(0, CAPACITY);
    }

    @Override
    void check(Memory by) {
      List<Long> taken = new ArrayList<>();
      new Ring(by, 0, CAPACITY).drain((a, b) -> taken.add(a), 10);
      assertThat(taken).endsWith(3L);
    }
  }
}
