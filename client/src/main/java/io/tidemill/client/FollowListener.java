package io.tidemill.client;

import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.Task;

/**
 * Learns what becomes of a task that is followed. One call after the other, on the transport's
 * thread or a timer's: quick, and not blocking. The last one is {@link #ended} or {@link #failed},
 * once, unless the follow is closed before.
 */
public interface FollowListener {
  /** Its state, attempt, worker or progress is this now; some changes in between may be missing. */
  default void changed(Task task) {}

  /**
   * What its handler has emitted, in order under each lease; each byte once. What was lost before
   * it is said by the part.
   */
  void part(EmittedPart part);

  /** The task has ended, and all of what is known of it has been told. */
  void ended(Task task);

  /** It cannot be followed any more: it is not known (any more), or may not be seen. */
  void failed(TidemillException error);
}
