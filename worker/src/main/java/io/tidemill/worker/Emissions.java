package io.tidemill.worker;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskPartial;
import java.util.ArrayDeque;

/**
 * What a handler has emitted and nobody has sent yet: a bounded number of bytes, from which the
 * oldest are dropped when it emits faster than they go. Positions count on, so that a follower sees
 * that something is missing.
 */
final class Emissions {
  static final int KEPT_BYTES_MAX = 64 << 10;

  /** In one message, of a task that runs on. */
  static final int SENT_BYTES_MAX = 16 << 10;

  private final ArrayDeque<ByteString> parts = new ArrayDeque<>();
  private int bytes;

  /** Emitted before the first of the parts. */
  private long position;

  private boolean isQueued;

  /** Answers whether the task has to be queued for the sender. */
  synchronized boolean add(ByteString data) {
    ByteString kept =
        data.size() <= KEPT_BYTES_MAX ? data : data.substring(data.size() - KEPT_BYTES_MAX);
    if (kept.size() < data.size()) {
      drop(bytes);
      position += data.size() - kept.size();
    }
    while (bytes + kept.size() > KEPT_BYTES_MAX) {
      drop(parts.peek().size());
    }
    parts.add(kept);
    bytes += kept.size();
    boolean first = !isQueued;
    isQueued = true;
    return first;
  }

  private void drop(int count) {
    take(count);
  }

  /** Some of it; what is left queues the task again. Null: there is nothing. */
  synchronized TaskPartial takeSome(HeldTask task) {
    if (bytes == 0) {
      isQueued = false;
      return null;
    }
    long from = position;
    ByteString some = take(Math.min(bytes, SENT_BYTES_MAX));
    isQueued = bytes > 0;
    return partial(task, from, some).build();
  }

  synchronized boolean hasMore() {
    return isQueued;
  }

  /** All of it, once the handler has ended. */
  synchronized TaskPartial takeLast(HeldTask task) {
    long from = position;
    isQueued = true; // Nobody queues the task any more.
    return partial(task, from, take(bytes)).setLast(true).build();
  }

  /** How many bytes wait to be sent. */
  synchronized int size() {
    return bytes;
  }

  private static TaskPartial.Builder partial(HeldTask task, long from, ByteString data) {
    return TaskPartial.newBuilder()
        .setTaskId(task.taskId)
        .setLease(task.lease)
        .setPosition(from)
        .setData(data);
  }

  private ByteString take(int count) {
    ByteString taken = ByteString.EMPTY;
    while (taken.size() < count) {
      ByteString first = parts.poll();
      int wanted = count - taken.size();
      if (first.size() > wanted) {
        parts.addFirst(first.substring(wanted));
        first = first.substring(0, wanted);
      }
      taken = taken.concat(first);
    }
    bytes -= count;
    position += count;
    return taken;
  }
}
