package io.tidemill.scheduler;

import io.tidemill.shm.region.Offer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which queue is next for one worker that has an order of its own among its queues. Strictly: the
 * first of its list. With weights: start-time fair queueing (Goyal, Vin and Cheng, 1996) with a
 * lease as the unit: a queue's next start is the end of what it had, or the time now if it had
 * nothing to give for a while, so that it saves up nothing. Forgotten with the process, which costs
 * a few turns.
 */
final class Turns {
  private final boolean strict;
  private final Map<String, Queue> queues = new HashMap<>();
  private double now;

  private static final class Queue {
    private final int place;
    private final double step;
    private double next;

    private Queue(int place, int weight) {
      this.place = place;
      this.step = 1.0 / weight;
    }
  }

  Turns(Offer offer) {
    this.strict = offer.order() == Offer.QueueOrder.STRICT;
    List<Offer.Share> shares = offer.queues();
    for (int i = 0; i < shares.size(); i++) {
      queues.put(shares.get(i).queue(), new Queue(i, shares.get(i).weight()));
    }
  }

  /** Whether one of its queues goes before another. */
  boolean isBefore(String one, String other) {
    return rank(queues.get(one)) < rank(queues.get(other));
  }

  private double rank(Queue queue) {
    return strict ? queue.place : Math.max(queue.next, now);
  }

  /** The worker was given a task of one of its queues. */
  void served(String name) {
    Queue queue = queues.get(name);
    now = Math.max(queue.next, now);
    queue.next = now + queue.step;
  }
}
