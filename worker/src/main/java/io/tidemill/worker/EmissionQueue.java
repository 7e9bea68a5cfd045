package io.tidemill.worker;

import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskPartial;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The running tasks that have emitted something since it was last sent. */
final class EmissionQueue {
  private static final int MESSAGE_PARTIALS_MAX = 1_000;
  private static final int MESSAGE_BYTES_MAX = 256 << 10;

  private final ConcurrentLinkedQueue<HeldTask> queued = new ConcurrentLinkedQueue<>();

  /** By a handler's thread, when nothing of its task waits to be sent. */
  void add(HeldTask task) {
    queued.add(task);
  }

  boolean isEmpty() {
    return queued.isEmpty();
  }

  /**
   * By the sender: some of each, as far as a message goes. What is left is for the next turn of the
   * timer: so one task sends so much in so much time, and no more.
   */
  void collect(HeartbeatRequest.Builder message) {
    int bytes = 0;
    for (int left = queued.size();
        left > 0 && bytes < MESSAGE_BYTES_MAX && message.getPartialsCount() < MESSAGE_PARTIALS_MAX;
        left--) {
      HeldTask task = queued.poll();
      if (task == null) {
        return;
      }
      Emissions emitted = task.isRunning() ? task.emissions() : null;
      TaskPartial some = emitted == null ? null : emitted.takeSome(task);
      if (some != null) {
        message.addPartials(some);
        bytes += some.getData().size();
        if (emitted.hasMore()) {
          queued.add(task);
        }
      }
    }
  }
}
