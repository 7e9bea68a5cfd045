package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the processes share beside tasks and workers. */
final class ControlScenarios {
  private ControlScenarios() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.of("making the control region", Made::new),
        Scenario.of("entering", Entered::new),
        Scenario.of("settings of one process", Own::new),
        Scenario.withRival("drawing sequences", Drawn::new),
        Scenario.withRival("asking for a sweep", Asked::new),
        Scenario.of("new error", () -> new Erred("another error, which is new", 3)),
        Scenario.of("error that is known", () -> new Erred("error 1", 3)),
        Scenario.of("error in place of the oldest", () -> new Erred("the seventeenth", 16)),
        Scenario.withRival("waking one who goes to sleep", Sleeper::new),
        Scenario.of("waking one who sleeps", Woken::new));
  }

  private abstract static class OfControl extends Scenario.Case {
    OfControl() {
      super(TestRegions.memory(Kind.CONTROL, Control.bytes(), Role.values().length));
      new Control(memory).create(3, 4, 5);
    }

    @Override
    void look(Memory by) {
      Control control = new Control(by);
      assertThat(control.epoch()).isEqualTo(3);
      assertThat(control.createdMillis()).isEqualTo(4);
      for (Role role : Role.values()) {
        assertThat(control.phase(role)).isNotNull();
      }
    }
  }

  /** Before the seal, and all of it again if there is none. */
  private static final class Made extends OfControl {
    @Override
    void operate(Memory by) {
      Control control = new Control(by);
      control.create(3, 4, 5);
      control.lastSequence(77);
      control.restoreCount(Counter.ACCEPTED, 5);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void check(Memory by) {
      assertThat(new Control(by).lastSequence()).isEqualTo(77);
      assertThat(new Control(by).count(Counter.ACCEPTED)).isEqualTo(5);
    }
  }

  private static final class Entered extends OfControl {
    private long first;

    @Override
    void operate(Memory by) {
      first = new Control(by).enter(Role.REGISTER, 11, 22);
    }

    @Override
    void recover(Memory by) {
      new Control(by).enter(Role.REGISTER, 33, 44);
    }

    @Override
    void check(Memory by) {
      Control control = new Control(by);
      assertThat(control.pid(Role.REGISTER)).isEqualTo(33);
      assertThat(control.startedMillis(Role.REGISTER)).isEqualTo(44);
      assertThat(control.incarnation(Role.REGISTER)).isGreaterThan(first);
      assertThat(control.phase(Role.REGISTER)).isEqualTo(Phase.STARTING);
      assertThat(control.incarnation(Role.PLM)).isZero();
    }
  }

  /** Every word here has one writer, and says something by itself. */
  private static final class Own extends OfControl {
    @Override
    void operate(Memory by) {
      Control control = new Control(by);
      control.submissionRun(1);
      control.outcomeRun(2);
      control.outcomesForced(3);
      control.submissionsOldest(4);
      control.slotsUsed(5);
      control.ageing(6);
      control.phase(Role.PLM, Phase.SERVING);
      control.beat(Role.PLM);
      control.count(Counter.TAKEN, 6);
    }

    @Override
    void recover(Memory by) {
      operate(by);
    }

    @Override
    void look(Memory by) {
      super.look(by);
      Control control = new Control(by);
      assertThat(control.slotsUsed()).isIn(0, 5);
      assertThat(control.outcomesForced()).isIn(0L, 3L);
      assertThat(control.beats(Role.PLM)).isBetween(0L, 3L);
      assertThat(control.count(Counter.TAKEN)).isIn(0L, 6L, 12L, 18L);
      assertThat(control.count(Counter.ACCEPTED)).isZero();
    }

    @Override
    void check(Memory by) {
      Control control = new Control(by);
      assertThat(
              List.of(
                  control.submissionRun(),
                  control.outcomeRun(),
                  control.outcomesForced(),
                  control.submissionsOldest(),
                  (long) control.slotsUsed(),
                  control.ageing()))
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }
  }

  private static final class Drawn extends OfControl {
    private final Set<Long> drawn = new TreeSet<>();
    private int count;

    @Override
    void operate(Memory by) {
      draw(by, 3);
      draw(by, 1);
    }

    @Override
    void rival(Memory by) {
      draw(by, 2);
    }

    private void draw(Memory by, int many) {
      long first = new Control(by).drawSequences(many);
      for (int i = 0; i < many; i++) {
        count++;
        drawn.add(first + i);
      }
    }

    @Override
    void recover(Memory by) {
      draw(by, 1);
    }

    @Override
    void check(Memory by) {
      assertThat(drawn).as("none twice").hasSize(count);
      assertThat(new Control(by).lastSequence())
          .isGreaterThanOrEqualTo(((TreeSet<Long>) drawn).last());
    }
  }

  /** Who was asked sweeps after the last demand that it has not met. */
  private static final class Asked extends OfControl {
    private static final long FACT_AT = RegionHeader.BYTES + 24L;

    private long seenFact;
    private boolean hasAsked;

    /** An earlier demand was met. */
    Asked() {
      Control control = new Control(memory);
      control.askSweep(Role.PLM);
      control.sweepDone(Role.PLM, control.sweepAsked(Role.PLM));
    }

    @Override
    void operate(Memory by) {
      by.casLong(FACT_AT, 0, 9);
      new Control(by).askSweep(Role.PLM);
      hasAsked = true;
    }

    @Override
    void rival(Memory by) {
      sweep(by);
    }

    private void sweep(Memory by) {
      Control control = new Control(by);
      long asked = control.sweepAsked(Role.PLM);
      if (asked != control.sweepDone(Role.PLM)) {
        seenFact = by.getLong(FACT_AT);
        control.sweepDone(Role.PLM, asked);
      }
    }

    @Override
    void recover(Memory by) {
      sweep(by);
    }

    @Override
    void check(Memory by) {
      sweep(by);
      Control control = new Control(by);
      assertThat(control.sweepDone(Role.PLM)).isEqualTo(control.sweepAsked(Role.PLM));
      if (hasAsked) {
        assertThat(seenFact).isEqualTo(9);
      }
    }
  }

  private static final class Erred extends OfControl {
    private final String text;
    private final int before;

    Erred(String text, int before) {
      this.text = text;
      this.before = before;
      for (int i = 0; i < before; i++) {
        new Control(memory).errors().record(Role.PLM, "error " + i, 100 + i);
      }
    }

    @Override
    void operate(Memory by) {
      new Control(by).errors().record(Role.PLM, text, 200);
    }

    @Override
    void recover(Memory by) {
      new Control(by).errors().record(Role.PLM, text, 201);
    }

    @Override
    void look(Memory by) {
      super.look(by);
      for (ErrorLog.Entry entry : new Control(by).errors().entries()) {
        assertThat(entry.text().equals(text) || entry.text().matches("error \\d+"))
            .as(entry.text())
            .isTrue();
        assertThat(entry.role()).isEqualTo(Role.PLM);
        assertThat(entry.firstMillis()).isBetween(100L, 201L);
        assertThat(entry.count()).isBetween(1L, 5L);
      }
    }

    @Override
    void check(Memory by) {
      List<ErrorLog.Entry> entries = new Control(by).errors().entries();
      assertThat(entries).anyMatch(entry -> entry.text().equals(text));
      int others = text.equals("error 1") ? before - 1 : Math.min(before, 15);
      assertThat(entries).as("a crash wastes no entry").hasSize(others + 1);
    }
  }

  /** Work is published and its process woken; it does not sleep with work to do. */
  private static final class Sleeper extends OfControl {
    private static final long WORK_AT = RegionHeader.BYTES + 24L;

    private boolean asleep;
    private int signalSeen;
    private boolean wakerDone;

    @Override
    void operate(Memory by) {
      asleep = false;
      HeapMemory own = (HeapMemory) by;
      Control control =
          new Control(
              new HeapMemory(own) {
                @Override
                public void putIntRelease(long offset, int value) {
                  by.putIntRelease(offset, value);
                }

                @Override
                public void sleep(long offset, int expected, long nanos) {
                  asleep = by.getIntAcquire(offset) == expected;
                  signalSeen = expected;
                  // As long as it sleeps, the others may act: a write that changes nothing lets
                  // them.
                  by.getAndAddInt(offset, 0);
                  asleep &= by.getIntAcquire(offset) == signalSeen;
                }
              });
      new WakeUp(control, Role.PLM).await(() -> by.getLongAcquire(WORK_AT) != 0, 1);
      boolean slept = asleep;
      assertThat(slept && wakerDone).as("it sleeps, and nobody wakes it").isFalse();
    }

    @Override
    void rival(Memory by) {
      by.casLong(WORK_AT, 0, 1);
      new WakeUp(new Control(by), Role.PLM).wake();
      wakerDone = true;
    }

    @Override
    void recover(Memory by) {
      new Control(by).enter(Role.PLM, 1, 2);
    }

    @Override
    void check(Memory by) {
      assertThat(by.getInt(new Control(by).sleepersAt(Role.PLM))).isZero();
    }
  }

  /**
   * Who dies before it woke the other leaves a demand to sweep, and whoever sees to that wakes it.
   */
  private static final class Woken extends OfControl {
    private int signals;

    Woken() {
      Control control = new Control(memory);
      memory.putInt(control.sleepersAt(Role.PLM), 1);
    }

    @Override
    void operate(Memory by) {
      new WakeUp(new Control(by), Role.PLM).wake();
    }

    @Override
    void recover(Memory by) {
      Control control = new Control(by);
      signals = by.getInt(control.signalAt(Role.PLM));
      control.askSweep(Role.PLM);
      new WakeUp(control, Role.PLM).wake();
    }

    @Override
    void check(Memory by) {
      assertThat(by.getInt(new Control(by).signalAt(Role.PLM))).isGreaterThan(signals);
    }
  }
}
