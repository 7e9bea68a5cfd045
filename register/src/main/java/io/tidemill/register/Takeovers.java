package io.tidemill.register;

import io.tidemill.shm.region.WorkerTable.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Registrations under the id of a worker whose stream stands: it is asked to answer, and the one
 * who asks waits until it has, or a second is over. Guarded.
 */
final class Takeovers {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int WAITING_MAX = 10_000;

  private record Challenge(
      Worker holder, Registration registration, Caller caller, long dueNanos) {}

  private List<Challenge> waiting = new ArrayList<>();

  /** Asks the holder; answers whether the caller is to wait. */
  boolean challenge(Worker holder, Registration registration, Caller caller, long now) {
    if (waiting.size() >= WAITING_MAX) {
      return false;
    }
    waiting.add(new Challenge(holder, registration, caller, now + PATIENCE_NANOS));
    holder.stream().ping();
    return true;
  }

  /** The holder lives. */
  void onAnswered(Worker holder) {
    if (waiting.isEmpty()) {
      return;
    }
    waiting.removeIf(
        challenge -> {
          boolean refused = challenge.holder() == holder;
          if (refused) {
            challenge.caller().fail(Refusals.workerAlive(holder.id()));
          }
          return refused;
        });
  }

  /** The holder's stream broke: nobody needs to wait. */
  void onGone(Worker holder) {
    waiting.replaceAll(
        challenge ->
            challenge.holder() == holder
                ? new Challenge(
                    holder, challenge.registration(), challenge.caller(), Long.MIN_VALUE)
                : challenge);
  }

  /**
   * By the agent: those whose time is over are let in, or ask again if somebody else was faster.
   */
  void turn(long now, Registrar registrar) {
    if (waiting.isEmpty()) {
      return;
    }
    List<Challenge> all = waiting;
    waiting = new ArrayList<>();
    for (Challenge challenge : all) {
      if (!isDue(challenge, now)) {
        waiting.add(challenge);
      } else if (!challenge.caller().isGone()) {
        registrar.onHolderSilent(
            challenge.holder(), challenge.registration(), challenge.caller(), now);
      }
    }
  }

  private static boolean isDue(Challenge challenge, long now) {
    return challenge.dueNanos() == Long.MIN_VALUE || now - challenge.dueNanos() >= 0;
  }

  long dueNanos(long now) {
    long due = Long.MAX_VALUE;
    for (Challenge challenge : waiting) {
      due = Math.min(due, isDue(challenge, now) ? 0 : challenge.dueNanos() - now);
    }
    return due;
  }
}
