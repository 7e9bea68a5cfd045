package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.NoteTable.Note;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.shm.region.WorkerTable.State;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is written by one process and read by the others: rows, notes, names, the mapping, headers.
 */
final class RowScenarios {
  private RowScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.of("first registration", () -> new Row(false)),
        Scenario.of("registration in a row that had another", () -> new Row(true)),
        Scenario.of("beat of a worker", Beat::new),
        Scenario.of("state of a worker", StateOfWorker::new),
        Scenario.of("first note", () -> new Noted(false)),
        Scenario.of("note in place of another", () -> new Noted(true)),
        Scenario.of("first lease noted", () -> new NotedLease(false)),
        Scenario.of("lease noted in place of another", () -> new NotedLease(true)),
        Scenario.of("new task type", () -> new Interned(2)),
        Scenario.of("last task type", () -> new Interned(3)),
        Scenario.of("hold", () -> new Held(mapping -> mapping.hold(1, 5, 7))),
        Scenario.of("release", () -> new Held(mapping -> mapping.clear(1))),
        Scenario.of("terms of a slot", Termed::new),
        Scenario.of("rules in place of others", Ruled::new),
        Scenario.of("part of what a task emits", Emitted::new),
        Scenario.of("region header", Sealed::new));
  }

  /** While its slot is FILLING: nobody reads it, and whoever settles the slot writes it anew. */
  private static final class Termed extends Scenario.Case {
    Termed() {
      super(TestRegions.memory(Kind.TERMS, TermsTable.bytes(3), 3));
      write(memory, 2, 70);
      write(memory, 1, 40);
    }

    private static void write(Memory by, int slot, int value) {
      TermsTable terms = new TermsTable(by);
      terms.clear(slot);
      terms.due(slot, value, value + 1);
      terms.deadlines(slot, value + 2, value + 3);
      terms.backoff(slot, value + 4, value + 5, value + 6, value + 7);
      terms.workerDeathsMax(slot, value + 8, value + 12);
      terms.key(slot, value + 9);
      terms.tenant(slot, value + 10);
      terms.pending(slot, value + 11);
    }

    @Override
    void operate(Memory by) {
      write(by, 1, 100);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      requireAll(by, 2, 70);
    }

    @Override
    void check(Memory by) {
      requireAll(by, 1, 100);
      requireAll(by, 2, 70);
    }

    private static void requireAll(Memory by, int slot, int value) {
      TermsTable terms = new TermsTable(by);
      assertThat(
              List.of(
                  terms.dueNanos(slot),
                  terms.runAtMillis(slot),
                  terms.startByNanos(slot),
                  terms.endByNanos(slot)))
          .containsExactly((long) value, value + 1L, value + 2L, value + 3L);
      assertThat(
              List.of(
                  terms.backoffInitialMillis(slot),
                  terms.backoffMaxMillis(slot),
                  terms.backoffHundredths(slot),
                  terms.jitterPercent(slot),
                  terms.workerDeathsMax(slot),
                  (int) terms.key(slot),
                  terms.tenant(slot),
                  terms.pending(slot),
                  terms.affinity(slot)))
          .containsExactly(
              value + 4,
              value + 5,
              value + 6,
              value + 7,
              value + 8,
              value + 9,
              value + 10,
              value + 11,
              value + 12);
    }
  }

  /** The rules of before hold until those of now do, and never a part of both. */
  private static final class Ruled extends Scenario.Case {
    private static final List<Rule> OLD =
        List.of(Rule.ofQueue("a", true, 7), Rule.ofKey("k*", 2, 10, 1_000, 3));
    private static final List<Rule> NEW = List.of(Rule.ofKey("other", 9, 0, 0, 0));

    Ruled() {
      super(TestRegions.memory(Kind.RULES, RuleTable.bytes(2), 2));
      new RuleTable(memory).publish(NEW);
      new RuleTable(memory).publish(OLD);
    }

    @Override
    void operate(Memory by) {
      new RuleTable(by).publish(NEW);
    }

    /** The next PLM writes what it reads from the journal. */
    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      assertThat(new RuleTable(by).read()).isIn(OLD, NEW);
    }

    @Override
    void check(Memory by) {
      assertThat(new RuleTable(by).read()).isEqualTo(NEW);
    }
  }

  private abstract static class OfWorkers extends Scenario.Case {
    static final Registration OLD =
        new Registration("old-worker", 1, 11, List.of("a", "bc"), "there", 111);
    static final Registration NEW =
        new Registration("new", 2, 22, List.of("longer-name", "x", "y"), "here-and-now", 222)
            .with(
                new Offer(
                    List.of(new Offer.Share("mail", 2)),
                    Offer.QueueOrder.STRICT,
                    Map.of("zone", "a"),
                    Map.of("cpu", 4L)));

    OfWorkers() {
      super(TestRegions.memory(Kind.WORKERS, WorkerTable.bytes(2), 2));
    }
  }

  private static final class Row extends OfWorkers {
    private final long before;

    Row(boolean used) {
      WorkerTable workers = new WorkerTable(memory);
      if (used) {
        workers.enter(1, OLD, 5, 6);
        workers.served(1, 3, 7);
        workers.state(1, State.DEAD);
      }
      this.before = workers.incarnation(1);
    }

    @Override
    void operate(Memory by) {
      new WorkerTable(by).enter(1, NEW, 7, 8);
    }

    /** Another worker, or the same once more, comes into the row. */
    @Override
    void recover(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      if (workers.state(1) != State.ALIVE) {
        workers.enter(1, NEW, 7, 8);
      }
    }

    @Override
    void look(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      Registration seen = workers.registration(1);
      if (seen != null && workers.incarnation(1) == 0) {
        assertThat(seen.workerId()).isIn("", NEW.workerId());
      } else if (seen != null) {
        assertThat(seen).isIn(OLD, NEW);
      }
      if (workers.incarnation(1) > before) {
        assertThat(workers.state(1)).isEqualTo(State.ALIVE);
        assertThat(seen == null ? NEW : seen).isEqualTo(NEW);
        assertThat(workers.registeredMillis(1)).isEqualTo(7);
        assertThat(workers.lastBeat(1)).isEqualTo(8);
        assertThat(workers.typeMicros(1, 3)).isZero();
      } else {
        assertThat(workers.state(1)).isNotEqualTo(State.ALIVE);
      }
      assertThat(workers.state(0)).isEqualTo(State.FREE);
    }

    @Override
    void check(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      assertThat(workers.registration(1)).isEqualTo(NEW);
      assertThat(workers.incarnation(1)).isEqualTo(before + 1);
      assertThat(workers.registration(0).workerId()).isEmpty();
    }
  }

  private static final class Beat extends OfWorkers {
    Beat() {
      new WorkerTable(memory).enter(1, OLD, 5, 6);
    }

    @Override
    void operate(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      workers.load(1, 4, 5, 6);
      workers.rateMilli(1, 9);
      workers.succeeded(1, 10);
      workers.failed(1, 11);
      workers.serviceMicros(1, 12);
      workers.served(1, 3, 13);
      workers.lastBeat(1, 100);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      assertThat(workers.registration(1)).isEqualTo(OLD);
      assertThat(workers.state(1)).isEqualTo(State.ALIVE);
      assertThat(workers.lastBeat(1)).isIn(6L, 100L);
      assertThat(workers.typeMicros(1, 3)).isIn(0L, 13L);
    }

    @Override
    void check(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      assertThat(workers.lastBeat(1)).isEqualTo(100);
      assertThat(workers.running(1) + workers.queued(1) + workers.cpuMilli(1)).isEqualTo(15);
    }
  }

  private static final class StateOfWorker extends OfWorkers {
    StateOfWorker() {
      new WorkerTable(memory).enter(1, OLD, 5, 6);
    }

    @Override
    void operate(Memory by) {
      new WorkerTable(by).state(1, State.DRAINING);
      new WorkerTable(by).state(1, State.DEAD);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      WorkerTable workers = new WorkerTable(by);
      assertThat(workers.incarnation(1)).isEqualTo(1);
      assertThat(workers.state(1)).isNotEqualTo(State.FREE);
      assertThat(workers.registration(1)).isEqualTo(OLD);
    }

    @Override
    void check(Memory by) {
      assertThat(new WorkerTable(by).state(1)).isEqualTo(State.DEAD);
    }
  }

  private static final class Noted extends Scenario.Case {
    private static final long TASK = TaskId.of(1, 1, 1);
    private static final long OTHER = TaskId.of(1, 2, 1 + 2);
    private static final Note OLD = new Note(1, 0.25f, "the old one, which is longer");
    private static final Note NEW = new Note(2, 0.75f, "the new one");

    Noted(boolean used) {
      super(TestRegions.memory(Kind.PROGRESS_NOTES, RegionHeader.BYTES + 2L * NoteTable.STRIDE, 2));
      if (used) {
        new NoteTable(memory).write(TASK, OLD.lease(), OLD.value(), OLD.text());
      }
    }

    @Override
    void operate(Memory by) {
      new NoteTable(by).write(OTHER, NEW.lease(), NEW.value(), NEW.text());
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      NoteTable notes = new NoteTable(by);
      assertThat(notes.read(TASK)).isIn(null, OLD);
      assertThat(notes.read(OTHER)).isIn(null, NEW);
    }

    @Override
    void check(Memory by) {
      assertThat(new NoteTable(by).read(OTHER)).isEqualTo(NEW);
      assertThat(new NoteTable(by).read(TASK)).isNull();
    }
  }

  private static final class NotedLease extends Scenario.Case {
    private static final long TASK = TaskId.of(1, 1, 0);
    private static final long OTHER = TaskId.of(1, 1, 1);
    private static final PastLease OLD =
        new PastLease(TaskId.lease(1, 1), LeaseEnd.STOLEN, "an-old-worker", 1, 0, 2, 0, 0, "");
    private static final PastLease NEW =
        new PastLease(TaskId.lease(1, 2), LeaseEnd.WORKER_LOST, "w", 3, 4, 5, 1, 0, "");

    NotedLease(boolean full) {
      super(TestRegions.memory(Kind.LEASES_TAKEN, LeaseTable.bytes(2), 2));
      LeaseTable table = new LeaseTable(memory);
      table.write(TASK, OLD);
      if (full) {
        table.write(OTHER, OLD.with(LeaseEnd.OVERRAN));
        table.write(OTHER, NEW);
      }
    }

    @Override
    void operate(Memory by) {
      new LeaseTable(by).write(TASK, NEW);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      assertThat(new LeaseTable(by).read(TASK)).isSubsetOf(OLD, NEW);
    }

    @Override
    void check(Memory by) {
      assertThat(new LeaseTable(by).read(TASK)).contains(NEW);
    }
  }

  /** The oldest part goes while the newest one is written; whoever comes next writes that anew. */
  private static final class Emitted extends Scenario.Case {
    Emitted() {
      super(TestRegions.memory(Kind.PARTIALS, RegionHeader.BYTES + 2L * PartialRing.STRIDE, 2));
      PartialRing ring = new PartialRing(memory);
      for (int number = 0; number < 2; number++) {
        write(ring, number);
      }
    }

    private static void write(PartialRing ring, int number) {
      byte[] data = {(byte) number, 7};
      ring.write(50 + number, number + 3, number + 4, number + 5, data, 0, data.length);
    }

    @Override
    void operate(Memory by) {
      write(new PartialRing(by), 2);
    }

    @Override
    void recover(Memory by) {
      if (new PartialRing(by).read(2, 52, new PartialRing.Part()) != PartialRing.Look.READ) {
        operate(by);
      }
    }

    @Override
    void look(Memory by) {
      requireWhole(by, 1);
      PartialRing.Look look = new PartialRing(by).read(2, 52, new PartialRing.Part());
      assertThat(look).isIn(PartialRing.Look.NOT_YET, PartialRing.Look.READ);
      if (look == PartialRing.Look.READ) {
        requireWhole(by, 2);
      }
    }

    @Override
    void check(Memory by) {
      requireWhole(by, 1);
      requireWhole(by, 2);
      assertThat(new PartialRing(by).end()).isEqualTo(3);
    }

    private static void requireWhole(Memory by, int number) {
      PartialRing.Part part = new PartialRing.Part();
      assertThat(new PartialRing(by).read(number, 50 + number, part))
          .isEqualTo(PartialRing.Look.READ);
      assertThat(part.lease()).isEqualTo(number + 3);
      assertThat(part.attempt()).isEqualTo(number + 4);
      assertThat(part.position()).isEqualTo(number + 5);
      assertThat(part.length()).isEqualTo(2);
      assertThat(part.data()[0]).isEqualTo((byte) number);
    }
  }

  private static final class Interned extends Scenario.Case {
    private final int before;

    Interned(int before) {
      super(TestRegions.types(4));
      this.before = before;
      TypeTable types = new TypeTable(memory);
      for (int i = 0; i < before; i++) {
        types.intern("type-" + i);
      }
    }

    @Override
    void operate(Memory by) {
      new TypeTable(by).intern("a-long-name");
    }

    /** The next PLM may be asked for another name first. */
    @Override
    void recover(Memory by) {
      new TypeTable(by).intern("short");
    }

    @Override
    void look(Memory by) {
      TypeTable reader = new TypeTable(by);
      for (int i = 0; i < before; i++) {
        assertThat(reader.name(i)).isEqualTo("type-" + i);
      }
      int found = reader.find("a-long-name");
      assertThat(found).isIn(-1, before);
      if (found < 0 && reader.count() > before) {
        assertThat(reader.name(before)).isEqualTo("short");
      }
    }

    @Override
    void check(Memory by) {
      TypeTable types = new TypeTable(by);
      int there = types.find("a-long-name");
      int next = types.find("short");
      assertThat(types.count()).isLessThanOrEqualTo(4);
      assertThat(there == before || next == before).isTrue();
      assertThat(there >= 0 && there == next).isFalse();
    }
  }

  private static final class Held extends Scenario.Case {
    private final Consumer<Mapping> work;

    Held(Consumer<Mapping> work) {
      super(TestRegions.memory(Kind.MAPPING, Mapping.bytes(3), 3));
      this.work = work;
      new Mapping(memory).hold(1, 4, 6);
    }

    @Override
    void operate(Memory by) {
      work.accept(new Mapping(by));
    }

    @Override
    void recover(Memory by) {
      work.accept(new Mapping(by));
    }

    @Override
    void look(Memory by) {
      assertThat(new Mapping(by).entry(1)).isIn(0L, Mapping.entry(4, 6), Mapping.entry(5, 7));
      assertThat(new Mapping(by).entry(0) | new Mapping(by).entry(2)).isZero();
    }

    @Override
    void check(Memory by) {
      assertThat(new Mapping(by).entry(1)).isIn(0L, Mapping.entry(5, 7));
    }
  }

  /** A file without the magic is made anew, from zeros. */
  private static final class Sealed extends Scenario.Case {
    Sealed() {
      super(new HeapMemory(RegionHeader.BYTES));
    }

    @Override
    void operate(Memory by) {
      RegionHeader.prepare(by, Kind.TYPES, 12, 34, 56);
      RegionHeader.seal(by);
    }

    @Override
    void recover(Memory by) {
      if (!RegionHeader.sealed(by)) {
        operate(by);
      }
    }

    @Override
    void look(Memory by) {
      if (RegionHeader.sealed(by)) {
        check(by);
      }
    }

    @Override
    void check(Memory by) {
      assertThat(RegionHeader.version(by)).isEqualTo(RegionHeader.VERSION);
      assertThat(RegionHeader.isKind(by, Kind.TYPES)).isTrue();
      assertThat(RegionHeader.capacity(by)).isEqualTo(12);
      assertThat(RegionHeader.stamp(by)).isEqualTo(34);
      assertThat(RegionHeader.boot(by)).isEqualTo(56);
    }
  }
}
