package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.TaskResults;
import io.tidemill.v1.TaskServiceGrpc;

/**
 * One stream of a session, from its opening to its break. Hands what comes to the session together
 * with itself, so that the session can tell late words of an earlier stream.
 */
final class SessionStream implements ClientResponseObserver<SessionRequest, SessionResponse> {
  /** What the session does with what comes. All of it runs on the transport's thread. */
  interface Handler {
    void opened(SessionStream stream, SessionOpened opened);

    void acknowledged(SessionStream stream, SubmitAcks acks);

    void ended(SessionStream stream, TaskResults results);

    void ready(SessionStream stream);

    void broken(SessionStream stream, Status status);
  }

  private final Handler handler;
  private volatile ClientCallStreamObserver<SessionRequest> requests;

  private SessionStream(Handler handler) {
    this.handler = handler;
  }

  /** Starts a call; {@link #open} must follow. Nothing is heard of it before that. */
  static SessionStream create(Handler handler) {
    return new SessionStream(handler);
  }

  void open(Peer peer, long sessionId, boolean results) {
    TaskServiceGrpc.newStub(peer.channel()).session(this);
    OpenSession open =
        OpenSession.newBuilder().setSessionId(sessionId).setNoResults(!results).build();
    send(SessionRequest.newBuilder().setOpen(open).build());
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SessionRequest> stream) {
    requests = stream;
    stream.setOnReadyHandler(() -> handler.ready(this));
  }

  /** Whether the transport takes more without piling it up. */
  boolean isReady() {
    return requests.isReady();
  }

  /**
   * Sends, by one thread at a time. On a stream that broke meanwhile this does nothing: the break
   * is told as such.
   */
  void send(SessionRequest request) {
    try {
      requests.onNext(request);
    } catch (IllegalStateException e) {
      cancel(
          "the stream ended while sending"); // by our own cancel or half-close; tells `broken` if
      // that did not yet
    }
  }

  void halfClose() {
    try {
      requests.onCompleted();
    } catch (IllegalStateException e) {
      cancel("the stream ended while closing");
    }
  }

  void cancel(String why) {
    requests.cancel(why, null);
  }

  @Override
  public void onNext(SessionResponse response) {
    switch (response.getKindCase()) {
      case OPENED -> handler.opened(this, response.getOpened());
      case ACKS -> handler.acknowledged(this, response.getAcks());
      case RESULTS -> handler.ended(this, response.getResults());
      case KIND_NOT_SET -> {
        // A kind that a newer server knows: nothing this version asked for.
      }
    }
  }

  @Override
  public void onError(Throwable error) {
    handler.broken(this, Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    handler.broken(this, Status.UNAVAILABLE.withDescription("the server ended the stream"));
  }
}
