package io.tidemill.bench.relay;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;

/** In the Main Scheduler's place: what the ring has goes to the one worker. */
final class RelayScheduler extends DispatchServiceGrpc.DispatchServiceImplBase
    implements RelayLoop.Turn {
  private static final ByteString PAYLOAD = ByteString.copyFromUtf8("0123456789abcdef");

  private volatile StreamObserver<DispatchResponse> worker;

  @Override
  public StreamObserver<DispatchRequest> dispatch(StreamObserver<DispatchResponse> call) {
    worker = call;
    return new StreamObserver<>() {
      @Override
      public void onNext(DispatchRequest hello) {}

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        call.onCompleted();
      }
    };
  }

  @Override
  public void onIds(long[] ids, int count) {
    DispatchResponse.Builder message = DispatchResponse.newBuilder();
    for (int i = 0; i < count; i++) {
      message.addAssignments(
          Assignment.newBuilder()
              .setTaskId(ids[i])
              .setLease(1)
              .setType("echo")
              .setPayload(PAYLOAD)
              .setSequence(ids[i])
              .setAttempt(1));
    }
    worker.onNext(message.build());
  }
}
