package io.tidemill.plm;

import io.grpc.Status;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TypeTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many live tasks each queue has, and how many it may have. Counted by lanes: what was
 * accepted, by the acceptance, and what was taken as ended, by the main loop; each count has one
 * writer. A start counts the slots.
 */
final class QueueLengths {
  private static final int RETRY_AFTER_MILLIS = 1_000;

  private final TypeTable types;
  private final String[] queues;
  private final AtomicLongArray accepted;
  private final AtomicLongArray ended;
  private volatile Map<String, Long> limits = Map.of();

  QueueLengths(Regions regions) {
    this.types = regions.newTypes();
    this.queues = new String[types.capacity()];
    this.accepted = new AtomicLongArray(types.capacity());
    this.ended = new AtomicLongArray(types.capacity());
    TaskTable tasks = regions.tasks();
    for (int slot = 0; slot < regions.control().slotsUsed(); slot++) {
      TaskState state = StateWord.state(tasks.word(slot));
      if (state.isLive() || state.isEnd()) {
        accepted(tasks.type(slot));
      }
    }
  }

  /** Other limits hold from now on. */
  void limits(List<Rule> rules) {
    Map<String, Long> set = new HashMap<>();
    for (Rule rule : rules) {
      if (rule.of() == Rule.Of.QUEUE && rule.most() > 0) {
        set.put(rule.name(), rule.most());
      }
    }
    limits = set;
  }

  /**
   * Whether a lane's queue has room for one more. Under the acceptance's lock.
   *
   * @param chosen lanes of tasks that are about to be accepted
   * @param count how many of these count
   */
  Refused check(int lane, int[] chosen, int count) {
    if (limits.isEmpty()) {
      return null;
    }
    String queue = queue(lane);
    Long most = limits.get(queue);
    if (most == null) {
      return null;
    }
    long live = live(queue);
    for (int i = 0; i < count; i++) {
      live += queue(chosen[i]).equals(queue) ? 1 : 0;
    }
    return live < most ? null : full(queue, most);
  }

  void accepted(int lane) {
    accepted.lazySet(lane, accepted.get(lane) + 1);
  }

  void ended(int lane) {
    ended.lazySet(lane, ended.get(lane) + 1);
  }

  /** Tasks of a lane that were taken as ended since this process started. */
  long endedOf(int lane) {
    return ended.get(lane);
  }

  private long live(String queue) {
    long live = 0;
    for (int lane = types.count() - 1; lane >= 0; lane--) {
      if (queue(lane).equals(queue)) {
        live += accepted.get(lane) - ended.get(lane);
      }
    }
    return live;
  }

  private String queue(int lane) {
    if (queues[lane] == null) {
      queues[lane] = Lane.parse(types.name(lane)).queue();
    }
    return queues[lane];
  }

  private static Refused full(String queue, long most) {
    return new Refused(
        Status.Code.RESOURCE_EXHAUSTED,
        "QUEUE_FULL",
        "the queue has as many live tasks as it may: queue="
            + queue
            + " length_max="
            + most
            + "; try again when some have ended, or raise its limit",
        Map.of("field", "queue", "value", queue, "limit", Long.toString(most)),
        RETRY_AFTER_MILLIS);
  }
}
