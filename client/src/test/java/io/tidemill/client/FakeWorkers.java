package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.DrainWorkerResponse;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.ListWorkersResponse;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerServiceGrpc;
import io.tidemill.v1.WorkerState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A Register's part that clients call: lists workers, one to a page, and drains them. */
public final class FakeWorkers extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final Map<String, WorkerInfo> workers = new TreeMap<>();

  FakeWorkers() {
    put(worker("w1", WorkerState.WORKER_STATE_ALIVE));
    put(worker("w2", WorkerState.WORKER_STATE_LATE));
    put(worker("w3", WorkerState.WORKER_STATE_DEAD));
  }

  public static WorkerInfo worker(String id, WorkerState state) {
    return WorkerInfo.newBuilder()
        .setWorkerId(id)
        .setState(state)
        .setCapacity(8)
        .setInFlight(3)
        .setSucceeded(40)
        .setFailed(2)
        .setLastBeatMs(120)
        .addTaskTypes("echo")
        .addTaskTypes("sleep")
        .setHost("here")
        .setPid(77)
        .setRegisteredMs(1_700_000_000_000L)
        .setRate(12.5)
        .setServiceUs(850)
        .build();
  }

  public synchronized void put(WorkerInfo worker) {
    workers.put(worker.getWorkerId(), worker);
  }

  @Override
  public synchronized void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> responses) {
    List<WorkerInfo> wanted =
        workers.values().stream()
            .filter(w -> request.getIncludeDead() || w.getState() != WorkerState.WORKER_STATE_DEAD)
            .toList();
    int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    ListWorkersResponse.Builder answer = ListWorkersResponse.newBuilder();
    if (page < wanted.size()) {
      answer.addWorkers(wanted.get(page));
    }
    if (page + 1 < wanted.size()) {
      answer.setNextPageToken(String.valueOf(page + 1));
    }
    responses.onNext(answer.build());
    responses.onCompleted();
  }

  @Override
  public synchronized void drainWorker(
      DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> responses) {
    WorkerInfo worker = workers.get(request.getWorkerId());
    if (worker == null) {
      responses.onError(
          RpcErrors.of(
              Status.Code.NOT_FOUND,
              "WORKER_UNKNOWN",
              "no such worker: worker_id=" + request.getWorkerId() + "; see `worker list`",
              Map.of("worker_id", request.getWorkerId())));
      return;
    }
    WorkerInfo draining = worker.toBuilder().setState(WorkerState.WORKER_STATE_DRAINING).build();
    put(draining);
    responses.onNext(DrainWorkerResponse.newBuilder().setWorker(draining).build());
    responses.onCompleted();
  }
}
