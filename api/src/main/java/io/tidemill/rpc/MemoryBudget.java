package io.tidemill.rpc;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/**
 * The bytes that a server holds for its peers: requests that are not answered, and answers that are
 * not taken. A message of a stream that finds no room waits unread until there is, a call is
 * refused. Where that is not enough, the connection that holds the most goes.
 */
final class MemoryBudget {
  private static final int SHORT_BYTES = 16 << 10;

  private static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** One connection's part of what all may leave untaken. */
  private static final int RESPONSE_SHARE = 4;

  private final long requestBytesMax;
  private final long responseBytesMax;
  private final PeerFaults faults = new PeerFaults();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong responses = new AtomicLong();
  private final Set<GuardedConnection> connections = ConcurrentHashMap.newKeySet();

  /** Guarded by itself. */
  private final Deque<GuardedConnection> waiting = new ArrayDeque<>();

  private volatile boolean anyWaits;

  /** When somebody was sent away last; whoever is comes again soon. */
  private volatile long refusedNanos = System.nanoTime() - REFUSED_NANOS;

  MemoryBudget(long requestBytesMax, long responseBytesMax) {
    this.requestBytesMax = requestBytesMax;
    this.responseBytesMax = responseBytesMax;
  }

  void add(GuardedConnection connection) {
    connections.add(connection);
  }

  void remove(GuardedConnection connection) {
    connections.remove(connection);
    synchronized (waiting) {
      waiting.remove(connection);
      anyWaits = !waiting.isEmpty();
    }
    serveWaiting();
  }

  PeerFaults faults() {
    return faults;
  }

  Collection<GuardedConnection> connections() {
    return connections;
  }

  // Requests.

  /**
   * Takes room if there is enough and nobody waits for it already. Short messages find some above
   * the limit, so that those who send long ones do not keep out everybody else.
   */
  boolean tryTakeRequest(long bytes) {
    boolean taken =
        bytes <= SHORT_BYTES
            ? takeIfFits(bytes, 2 * requestBytesMax)
            : !anyWaits && takeIfFits(bytes, requestBytesMax);
    if (!taken) {
      refusedNanos = System.nanoTime();
    }
    return taken;
  }

  private boolean takeIfFits(long bytes, long max) {
    if (requests.addAndGet(bytes) <= max) {
      return true;
    }
    requests.addAndGet(-bytes);
    return false;
  }

  /** Takes room for what is here already. */
  void takeRequest(long bytes) {
    if (requests.addAndGet(bytes) > requestBytesMax + requestBytesMax / 2) {
      cutLargest(GuardedConnection::requestBytes, "its requests hold the most memory");
    }
  }

  void giveRequest(long bytes) {
    requests.addAndGet(-bytes);
    if (anyWaits) {
      serveWaiting();
    }
  }

  long requestBytes() {
    return requests.get();
  }

  /** Somebody is not served for want of room. */
  boolean isContended() {
    return anyWaits
        || requests.get() > requestBytesMax
        || System.nanoTime() - refusedNanos < REFUSED_NANOS;
  }

  /** Resumes the connection when the room that it wants has been taken for it. */
  void await(GuardedConnection connection) {
    synchronized (waiting) {
      waiting.add(connection);
      anyWaits = true;
    }
    serveWaiting();
  }

  private void serveWaiting() {
    synchronized (waiting) {
      while (!waiting.isEmpty() && takeIfFits(waiting.peek().wantedBytes(), requestBytesMax)) {
        waiting.remove().resume();
      }
      anyWaits = !waiting.isEmpty();
    }
  }

  // Answers.

  void takeResponse(long bytes) {
    long held = responses.addAndGet(bytes);
    if (held > 2 * responseBytesMax) {
      cutLargest(GuardedConnection::untakenByteMillis, "it does not take its answers");
    } else if (held > responseBytesMax) {
      cutLargest(GuardedConnection::stalledResponseBytes, "it does not take its answers");
    }
  }

  /** Whether a connection may ask for more, as far as it takes what it asked for before. */
  boolean hasResponseRoom(long untaken) {
    return untaken <= responseBytesMax / RESPONSE_SHARE
        && (untaken == 0 || responses.get() <= responseBytesMax);
  }

  void giveResponse(long bytes) {
    responses.addAndGet(-bytes);
  }

  long responseBytes() {
    return responses.get();
  }

  private void cutLargest(ToLongFunction<GuardedConnection> holds, String why) {
    connections.stream()
        .filter(connection -> holds.applyAsLong(connection) > 0)
        .max(Comparator.comparingLong(holds))
        .ifPresent(largest -> largest.cut(why));
  }
}
