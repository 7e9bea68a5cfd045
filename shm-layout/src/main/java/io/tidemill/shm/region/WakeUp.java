package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.util.function.BooleanSupplier;

/**
 * How a process sleeps until there is work, and how others wake it: a futex on its signal word,
 * with a sleepers' flag so that waking one who is awake costs a fence and a load.
 *
 * <p>The sleeper raises its flag and then looks for work; the waker publishes its work and then
 * looks at the flag. With a full fence between on either side one of the two sees the other.
 */
public final class WakeUp {
  private static final int SPINS = 200;

  private final Memory memory;
  private final int signal;
  private final int sleepers;

  public WakeUp(Control control, Role sleeper) {
    this.memory = control.memory();
    this.signal = control.signalAt(sleeper);
    this.sleepers = control.sleepersAt(sleeper);
  }

  /** After work was published for it. */
  public void wake() {
    if (isAsleep()) {
      memory.getAndAddInt(signal, 1);
      memory.wake(signal);
    }
  }

  /**
   * After work was published for it: whether it sleeps, or is about to without having seen that
   * work.
   */
  public boolean isAsleep() {
    memory.fullFence();
    return memory.getIntAcquire(sleepers) != 0;
  }

  /**
   * Sleeps until there is work, at most so long. Only by the process itself, by one thread. A crash
   * here leaves the flag up, which costs wakers a system call until the next incarnation enters.
   */
  public void await(BooleanSupplier hasWork, long nanos) {
    for (int i = 0; i < SPINS; i++) {
      if (hasWork.getAsBoolean()) {
        return;
      }
      Thread.onSpinWait();
    }
    memory.putIntRelease(sleepers, 1);
    memory.fullFence();
    int seen = memory.getIntAcquire(signal);
    if (!hasWork.getAsBoolean()) {
      memory.sleep(signal, seen, nanos);
    }
    memory.putIntRelease(sleepers, 0);
  }
}
