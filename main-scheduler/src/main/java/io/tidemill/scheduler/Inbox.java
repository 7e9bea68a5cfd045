package io.tidemill.scheduler;

import java.util.concurrent.ConcurrentLinkedQueue;

/** What the network threads tell the agent, which alone acts on it. */
final class Inbox {
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private volatile Runnable arrival = () -> {};
  private volatile Handler handler;

  /** What the agent does about each kind of news. */
  interface Handler {
    /** A worker's stream said hello. */
    void onHello(DispatchStream stream, DispatchStream.Hello hello);

    /** A worker wants to hold another number of tasks. */
    void onWindow(DispatchStream stream, int window);

    /** A stream that was full takes more. */
    void onDrained(DispatchStream stream);

    /** A stream is over. */
    void onClosed(DispatchStream stream, boolean orderly);
  }

  void onArrival(Runnable wake) {
    arrival = wake;
  }

  void handler(Handler agent) {
    handler = agent;
  }

  void hello(DispatchStream stream, DispatchStream.Hello hello) {
    put(() -> handler.onHello(stream, hello));
  }

  void window(DispatchStream stream, int window) {
    put(() -> handler.onWindow(stream, window));
  }

  void drained(DispatchStream stream) {
    put(() -> handler.onDrained(stream));
  }

  void closed(DispatchStream stream, boolean orderly) {
    put(() -> handler.onClosed(stream, orderly));
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Agent: acts on up to {@code limit} pieces of news; answers how many there were. */
  int drain(int limit) {
    int count = 0;
    for (Runnable news = poll(); news != null; news = count < limit ? poll() : null) {
      news.run();
      count++;
    }
    return count;
  }

  private Runnable poll() {
    return queue.poll();
  }

  private void put(Runnable news) {
    queue.add(news);
    arrival.run();
  }
}
