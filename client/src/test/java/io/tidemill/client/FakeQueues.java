package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.DeleteLimitRequest;
import io.tidemill.v1.DeleteLimitResponse;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.ListLimitsRequest;
import io.tidemill.v1.ListLimitsResponse;
import io.tidemill.v1.ListQueuesRequest;
import io.tidemill.v1.ListQueuesResponse;
import io.tidemill.v1.QueueInfo;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.SetLimitRequest;
import io.tidemill.v1.SetLimitResponse;
import io.tidemill.v1.UpdateQueueRequest;
import io.tidemill.v1.UpdateQueueResponse;
import java.util.Map;
import java.util.TreeMap;

/** A PLM's part about queues and limits, as its protocol says it; counts are what a test sets. */
public final class FakeQueues extends QueueServiceGrpc.QueueServiceImplBase {
  private final Map<String, QueueInfo> queues = new TreeMap<>();
  private final Map<String, KeyLimit> limits = new TreeMap<>();

  public synchronized void put(QueueInfo queue) {
    queues.put(queue.getQueue(), queue);
  }

  public synchronized QueueInfo queue(String name) {
    return queues.get(name);
  }

  public synchronized KeyLimit limit(String key) {
    return limits.get(key);
  }

  @Override
  public synchronized void listQueues(
      ListQueuesRequest request, StreamObserver<ListQueuesResponse> responses) {
    responses.onNext(ListQueuesResponse.newBuilder().addAllQueues(queues.values()).build());
    responses.onCompleted();
  }

  @Override
  public synchronized void updateQueue(
      UpdateQueueRequest request, StreamObserver<UpdateQueueResponse> responses) {
    if (!request.getQueue().matches("[A-Za-z0-9._:/-]{1,64}")) {
      responses.onError(
          RpcErrors.invalid(
              "QUEUE_INVALID",
              "queue",
              request.getQueue(),
              "bad queue: value='" + request.getQueue() + "'; a queue has 1 to 64 characters"));
      return;
    }
    QueueInfo.Builder queue =
        queues.getOrDefault(request.getQueue(), QueueInfo.getDefaultInstance()).toBuilder();
    queue.setQueue(request.getQueue());
    if (request.hasPaused()) {
      queue.setPaused(request.getPaused());
    }
    if (request.hasLengthMax()) {
      queue.setLengthMax(request.getLengthMax());
    }
    put(queue.build());
    responses.onNext(UpdateQueueResponse.newBuilder().setQueue(queue).build());
    responses.onCompleted();
  }

  @Override
  public synchronized void listLimits(
      ListLimitsRequest request, StreamObserver<ListLimitsResponse> responses) {
    responses.onNext(ListLimitsResponse.newBuilder().addAllLimits(limits.values()).build());
    responses.onCompleted();
  }

  @Override
  public synchronized void setLimit(
      SetLimitRequest request, StreamObserver<SetLimitResponse> responses) {
    KeyLimit limit = request.getLimit();
    if (limit.getRunningMax() == 0 && limit.getRate() == 0) {
      responses.onError(
          RpcErrors.invalid(
              "LIMIT_EMPTY",
              "running_max",
              "0",
              "bad running_max: value='0'; give running_max or rate, or delete it"));
      return;
    }
    limits.put(limit.getKey(), limit);
    responses.onNext(SetLimitResponse.newBuilder().setLimit(limit).build());
    responses.onCompleted();
  }

  @Override
  public synchronized void deleteLimit(
      DeleteLimitRequest request, StreamObserver<DeleteLimitResponse> responses) {
    if (limits.remove(request.getKey()) == null) {
      responses.onError(
          RpcErrors.of(
              Status.Code.NOT_FOUND,
              "LIMIT_UNKNOWN",
              "no limit is set for this key: key=" + request.getKey(),
              Map.of("field", "key", "value", request.getKey())));
      return;
    }
    responses.onNext(DeleteLimitResponse.getDefaultInstance());
    responses.onCompleted();
  }
}
