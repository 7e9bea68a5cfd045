package io.tidemill.plm;

import io.tidemill.v1.SessionResponse;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** Acknowledgements of a stream: sent in order, each when what it promises has been done. */
final class AckQueue {
  /** One acknowledgement on its way. */
  static final class Ack {
    private final SessionResponse message;
    private final int submissions;
    private boolean due;

    private Ack(SessionResponse message, int submissions) {
      this.message = message;
      this.submissions = submissions;
    }
  }

  private final ArrayDeque<Ack> queue = new ArrayDeque<>();
  private final Consumer<SessionResponse> send;
  private long unsent;

  AckQueue(Consumer<SessionResponse> send) {
    this.send = send;
  }

  /** Takes its place in the order. */
  synchronized Ack add(SessionResponse message, int submissions) {
    Ack ack = new Ack(message, submissions);
    queue.add(ack);
    unsent += submissions;
    return ack;
  }

  /** What it promises has been done. */
  synchronized void due(Ack ack) {
    ack.due = true;
    while (!queue.isEmpty() && queue.peek().due) {
      Ack first = queue.remove();
      unsent -= first.submissions;
      send.accept(first.message);
    }
  }

  /** How many submissions have no acknowledgement yet. */
  synchronized long unsent() {
    return unsent;
  }
}
