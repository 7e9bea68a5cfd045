package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an agent until it is told to stop, sleeps when there is nothing to do, and beats so that
 * the supervisor sees that it turns. What the agent throws ends the process: nothing may go on with
 * an invariant broken, and all state is in the mapped files.
 *
 * <p>A loop under load rests before it sleeps: awake to all others, who thus need no system call to
 * wake it, and with more to do in one turn when it looks again. Waking five processes for each few
 * tasks is what a busy host's time went to otherwise, and what its tasks waited for.
 */
public final class AgentLoop {
  /** The loop turns at least so often, for timers and its beat. */
  private static final long SLEEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

  /** Done in one turn, it tells of more than a few tasks under way. */
  static final int MANY = 16;

  /**
   * The rest for each thing done in a turn. Few at a time come from few who wait for them, whom a
   * long rest would hold up for little.
   */
  private static final long REST_NANOS_EACH = TimeUnit.MICROSECONDS.toNanos(10);

  private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);

  private final Instance instance;
  private final Agent agent;
  private final WakeUp wakeUp;
  private final long restNanosMax;
  private volatile boolean stopped;

  public AgentLoop(Instance instance, Agent agent) {
    this.instance = instance;
    this.agent = agent;
    this.wakeUp = instance.regions().wakeUp(instance.role());
    this.restNanosMax =
        TimeUnit.MICROSECONDS.toNanos(instance.settings().number(Key.LOOP_REST_MICROS));
  }

  /** Runs on the calling thread until {@link #stop}. */
  public void run() {
    try {
      while (!stopped) {
        int most = turnUntilIdle();
        long sleepNanos = Math.min(SLEEP_NANOS_MAX, agent.sleepNanosMax());
        if (most >= MANY && restNanosMax > 0) {
          rest(Math.min(restNanos(most), sleepNanos));
        } else {
          wakeUp.await(this::hasWork, sleepNanos);
        }
      }
    } catch (Throwable broken) {
      Fatal.halt(instance, "the main loop failed", broken);
    }
  }

  /** Turns until nothing is left to do; returns the most that was done in one turn. */
  private int turnUntilIdle() {
    int most = 0;
    int done;
    do {
      done = agent.doWork(System.nanoTime());
      instance.control().beat(instance.role());
      most = Math.max(most, done);
    } while (done > 0 && !stopped);
    return most;
  }

  private long restNanos(int done) {
    return Math.min(restNanosMax, done * REST_NANOS_EACH);
  }

  /** Nobody can cut this short: it is as long as a task may be held up by it. */
  private static void rest(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Any thread of the process: there is work that did not come over a ring. */
  public void wake() {
    wakeUp.wake();
  }

  /** Any thread: the loop ends after its turn. */
  public void stop() {
    stopped = true;
    wakeUp.wake();
    LOG.debug("main loop asked to stop: role={}", instance.role());
  }

  private boolean hasWork() {
    return stopped || agent.hasWork();
  }
}
