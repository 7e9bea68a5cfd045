package io.tidemill.register;

import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Register's main loop: what the other processes ask, and all that has a time. */
final class RegisterAgent implements Agent {
  private static final int ENTRIES_A_TURN = 1_024;
  private static final Logger LOG = LoggerFactory.getLogger(RegisterAgent.class);

  private final Guard guard;
  private final Control control;
  private final Ring fromPlm;
  private final Ring fromScheduler;
  private final Workers workers;
  private final Heartbeats heartbeats;
  private final Endings endings;
  private final Takeovers takeovers;
  private final Registrar registrar;
  private final Liveness liveness;
  private final ExecutionTimeouts timeouts;
  private final Retention retention;
  private final Figures figures;
  private final LongSupplier clock;
  private long sleepNanosMax;

  RegisterAgent(Instance instance, Parts parts, LongSupplier clock) {
    this.guard = parts.guard();
    this.control = instance.control();
    this.fromPlm = instance.regions().rings().plmToRegister();
    this.fromScheduler = instance.regions().rings().schedulerToRegister();
    this.workers = parts.workers();
    this.heartbeats = parts.heartbeats();
    this.endings = parts.endings();
    this.takeovers = parts.takeovers();
    this.registrar = parts.registrar();
    this.liveness = parts.liveness();
    this.timeouts = parts.timeouts();
    this.retention = parts.retention();
    this.figures = parts.figures();
    this.clock = clock;
  }

  @Override
  public int doWork(long nowNanos) {
    long now = clock.getAsLong();
    int[] done = new int[1];
    guard.run(() -> done[0] = turn(now));
    timeouts.turn(now);
    retention.turn(now);
    return done[0];
  }

  private int turn(long now) {
    int done = sweepIfAsked();
    if (!endings.isFull()) {
      done += fromPlm.drain(this::onPlmEntry, ENTRIES_A_TURN);
      done +=
          fromScheduler.drain(
              (event, value) -> onSchedulerEntry(event, value, now), ENTRIES_A_TURN);
    }
    done += endings.turn(now);
    heartbeats.retryHeld(now);
    liveness.turn(now);
    takeovers.turn(now, registrar);
    figures.turn(now, workers, liveness);
    sleepNanosMax =
        Math.min(
            Math.min(endings.dueNanos(now), heartbeats.retryDueNanos(now)),
            Math.min(liveness.dueNanos(now), takeovers.dueNanos(now)));
    return done;
  }

  /** What may have been left out of the rings is found in the slots. */
  private int sweepIfAsked() {
    if (!isSweepAsked()) {
      return 0;
    }
    sweep();
    return 1;
  }

  /** A start too: whatever was asked for before it is met by it. Guarded. */
  void sweep() {
    long asked = control.sweepAsked(Role.REGISTER);
    fromPlm.clearOverflow();
    fromScheduler.clearOverflow();
    endings.scan();
    control.sweepDone(Role.REGISTER, asked);
  }

  private boolean isSweepAsked() {
    return control.sweepAsked(Role.REGISTER) != control.sweepDone(Role.REGISTER)
        || fromPlm.isOverflown()
        || fromScheduler.isOverflown();
  }

  private void onPlmEntry(long event, long taskId) {
    if (Rings.kind(event) == Rings.TASK_CANCEL) {
      endings.stop(taskId);
    } else {
      LOG.warn("unknown entry from the plm: kind={}", Rings.kind(event));
    }
  }

  private void onSchedulerEntry(long event, long value, long now) {
    switch (Rings.kind(event)) {
      case Rings.TASK_DEAD -> endings.die(value);
      case Rings.TASK_EXPIRED -> endings.stop(value);
      case Rings.WORKER_LOST -> onWorkerLost(workers.byRow(Rings.index(event)), value, now);
      default -> LOG.warn("unknown entry from the scheduler: kind={}", Rings.kind(event));
    }
  }

  private void onWorkerLost(Worker worker, long incarnation, long now) {
    if (worker != null && worker.isServed() && worker.incarnation() == incarnation) {
      workers.dead(worker, "its dispatch stream broke", now);
      takeovers.onGone(worker);
    }
  }

  @Override
  public boolean hasWork() {
    boolean entries = !fromPlm.isEmpty() || !fromScheduler.isEmpty();
    return (entries && !endings.isFull()) || isSweepAsked();
  }

  @Override
  public long sleepNanosMax() {
    return Math.min(sleepNanosMax, timeouts.dueNanos(clock.getAsLong()));
  }
}
