package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.Names;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Offer.Share;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.QueueShare;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.WorkerInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a worker says of its queues, labels and amounts: checked, and shown again. */
final class Offers {
  private static final int QUEUES_MAX = 64;
  private static final int LABELS_MAX = 16;
  private static final int WEIGHT_MAX = 1_000;

  private Offers() {}

  /**
   * @throws StatusRuntimeException that names the first field that is wrong
   */
  static Offer check(RegisterWorkerRequest request) {
    checkCount("queues", request.getQueuesCount(), QUEUES_MAX);
    checkCount("labels", request.getLabelsCount(), LABELS_MAX);
    checkCount("amounts", request.getAmountsCount(), LABELS_MAX);
    request.getLabelsMap().forEach(Offers::checkLabel);
    request.getAmountsMap().forEach(Offers::checkAmount);
    Offer offer =
        new Offer(
            shares(request.getQueuesList()),
            order(request.getQueueOrder()),
            request.getLabelsMap(),
            request.getAmountsMap());
    if (!offer.fits()) {
      throw Refusals.invalid(
          "OFFER_INVALID",
          "queues",
          request.getQueuesCount() + " queues",
          "have, with labels and amounts, names that are too long together; take shorter ones, or"
              + " two workers");
    }
    return offer;
  }

  private static void checkCount(String field, int count, int max) {
    if (count > max) {
      throw Refusals.invalid("OFFER_INVALID", field, count + " of them", "are at most " + max);
    }
  }

  private static void checkLabel(String name, String value) {
    if (!Names.isLabel(name, value)) {
      throw Refusals.invalid("LABEL_INVALID", "labels", name + "=" + value, Names.LABEL_RULE);
    }
  }

  private static void checkAmount(String name, long amount) {
    if (!Names.isAmount(name, amount)) {
      throw Refusals.invalid("AMOUNT_INVALID", "amounts", name + "=" + amount, Names.AMOUNT_RULE);
    }
  }

  private static List<Share> shares(List<QueueShare> asked) {
    List<Share> shares = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (QueueShare share : asked) {
      if (!Names.isQueue(share.getQueue())) {
        throw Refusals.invalid("QUEUE_INVALID", "queues", share.getQueue(), Names.QUEUE_RULE);
      }
      if (!names.add(share.getQueue())) {
        throw Refusals.invalid("QUEUE_INVALID", "queues", share.getQueue(), "is named once");
      }
      int weight = share.getWeight();
      if (weight < 0 || weight > WEIGHT_MAX) {
        throw Refusals.invalid(
            "WEIGHT_INVALID", "weight", Integer.toUnsignedString(weight), "is 1 to " + WEIGHT_MAX);
      }
      shares.add(new Share(share.getQueue(), Math.max(1, weight)));
    }
    return shares;
  }

  private static Offer.QueueOrder order(QueueOrder asked) {
    return switch (asked) {
      case QUEUE_ORDER_UNSPECIFIED, QUEUE_ORDER_PRIORITY -> Offer.QueueOrder.PRIORITY;
      case QUEUE_ORDER_STRICT -> Offer.QueueOrder.STRICT;
      case QUEUE_ORDER_WEIGHTED -> Offer.QueueOrder.WEIGHTED;
      case UNRECOGNIZED ->
          throw Refusals.invalid(
              "QUEUE_ORDER_INVALID",
              "queue_order",
              asked,
              "is QUEUE_ORDER_PRIORITY, QUEUE_ORDER_STRICT or QUEUE_ORDER_WEIGHTED");
    };
  }

  static void show(Offer offer, WorkerInfo.Builder info) {
    for (Share share : offer.queues()) {
      info.addQueuesBuilder().setQueue(share.queue()).setWeight(share.weight());
    }
    info.setQueueOrder(
            switch (offer.order()) {
              case PRIORITY -> QueueOrder.QUEUE_ORDER_PRIORITY;
              case STRICT -> QueueOrder.QUEUE_ORDER_STRICT;
              case WEIGHTED -> QueueOrder.QUEUE_ORDER_WEIGHTED;
            })
        .putAllLabels(offer.labels())
        .putAllAmounts(offer.amounts());
  }
}
