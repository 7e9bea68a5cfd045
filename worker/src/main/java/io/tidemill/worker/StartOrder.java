package io.tidemill.worker;

import io.tidemill.v1.Assignment;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.RegisterWorkerRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * What goes before the priority in the order in which a worker starts what it was sent: with queues
 * in strict order their places, with weights the order of arrival, which is the Main Scheduler's;
 * else nothing. By the dispatch stream.
 */
final class StartOrder {
  private static final String DEFAULT_QUEUE = "default";

  private final QueueOrder order;
  private final Map<String, Integer> places = new HashMap<>();
  private long arrived;

  StartOrder(RegisterWorkerRequest offer) {
    this.order =
        offer.getQueuesCount() > 1 ? offer.getQueueOrder() : QueueOrder.QUEUE_ORDER_PRIORITY;
    offer.getQueuesList().forEach(share -> places.putIfAbsent(share.getQueue(), places.size()));
  }

  long turnOf(Assignment assignment) {
    return switch (order) {
      case QUEUE_ORDER_STRICT -> {
        String queue = assignment.getQueue().isEmpty() ? DEFAULT_QUEUE : assignment.getQueue();
        yield places.getOrDefault(queue, places.size());
      }
      case QUEUE_ORDER_WEIGHTED -> ++arrived;
      default -> 0;
    };
  }
}
