package io.tidemill.scheduler;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;

/** Takes the workers' dispatch streams and passes what they say to the agent. */
final class DispatchService extends DispatchServiceGrpc.DispatchServiceImplBase {
  private final Inbox inbox;

  DispatchService(Inbox inbox) {
    this.inbox = inbox;
  }

  @Override
  public StreamObserver<DispatchRequest> dispatch(StreamObserver<DispatchResponse> responses) {
    return new DispatchStream((ServerCallStreamObserver<DispatchResponse>) responses, inbox);
  }
}
