package io.tidemill.shm.instance;

import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an agent until it is told to stop, sleeps when there is nothing to do, and beats so that
 * the supervisor sees that it turns. What the agent throws ends the process: nothing may go on with
 * an invariant broken, and all state is in the mapped files.
 */
public final class AgentLoop {
  /** The loop turns at least so often, for timers and its beat. */
  private static final long SLEEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

  private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);

  private final Instance instance;
  private final Agent agent;
  private final WakeUp wakeUp;
  private volatile boolean stopped;

  public AgentLoop(Instance instance, Agent agent) {
    this.instance = instance;
    this.agent = agent;
    this.wakeUp = instance.regions().wakeUp(instance.role());
  }

  /** Runs on the calling thread until {@link #stop}. */
  public void run() {
    try {
      while (!stopped) {
        int done = agent.doWork(System.nanoTime());
        instance.control().beat(instance.role());
        if (done == 0 && !stopped) {
          wakeUp.await(this::hasWork, Math.min(SLEEP_NANOS_MAX, agent.sleepNanosMax()));
        }
      }
    } catch (Throwable broken) {
      Fatal.halt(instance, "the main loop failed", broken);
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
