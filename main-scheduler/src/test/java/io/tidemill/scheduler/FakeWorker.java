package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.HeldLease;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A worker's dispatch stream that remembers what it was sent. */
final class FakeWorker implements StreamObserver<DispatchResponse>, AutoCloseable {
  private final ManagedChannel channel;
  private final StreamObserver<DispatchRequest> requests;
  private final List<Assignment> assignments = new CopyOnWriteArrayList<>();
  private final List<HeldLease> recalls = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Throwable> broken = new CompletableFuture<>();

  FakeWorker(String address, long key, int window, HeldLease... held) {
    this.channel = Transport.channel(address, 64 << 20);
    this.requests = DispatchServiceGrpc.newStub(channel).dispatch(this);
    requests.onNext(
        DispatchRequest.newBuilder()
            .setHello(DispatchHello.newBuilder().setWorkerKey(key).addAllHeld(List.of(held)))
            .setWindow(window)
            .build());
  }

  /** Says hello once more, which is an error. */
  void hello() {
    requests.onNext(
        DispatchRequest.newBuilder().setHello(DispatchHello.getDefaultInstance()).build());
  }

  /** Wants nothing more. */
  void endItsSide() {
    requests.onCompleted();
  }

  void window(int window) {
    requests.onNext(DispatchRequest.newBuilder().setWindow(window).build());
  }

  List<Assignment> assignments() {
    return assignments;
  }

  /** It is sent tasks with these payloads, in this order, and no others so far. */
  static void awaitPayloads(FakeWorker worker, String... payloads) {
    await()
        .untilAsserted(
            () ->
                assertThat(worker.assignments)
                    .extracting(a -> a.getPayload().toStringUtf8())
                    .containsExactly(payloads));
  }

  /** The leases that it was asked to hand back. */
  List<HeldLease> recalls() {
    return recalls;
  }

  /** What the stream ended with. */
  Throwable failure() {
    return broken.join();
  }

  @Override
  public void onNext(DispatchResponse response) {
    assignments.addAll(response.getAssignmentsList());
    recalls.addAll(response.getRecallsList());
  }

  @Override
  public void onError(Throwable error) {
    broken.complete(error);
  }

  @Override
  public void onCompleted() {
    broken.complete(null);
  }

  /** As if the process were killed. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
