package io.tidemill.client;

import io.tidemill.v1.Duplicate;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one message has to tell listeners, gathered under the session's lock and run after it is
 * released. The detail's class says which callback it is.
 */
final class Callbacks {
  private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

  /** A detail of {@link ResultListener#accepted}, which has none. */
  private static final Object ACCEPTED = new Object();

  private static final ResultListener[] NO_LISTENERS = {};
  private static final Object[] NO_DETAILS = {};
  private static final long[] NO_WORDS = {};

  private ResultListener[] listeners;
  private Object[] details;

  /** Three words each: handle, task id, latency. */
  private long[] words;

  private int count;

  /**
   * Most often nothing comes of a submission at once, so without expectations nothing is allocated.
   */
  Callbacks(int expected) {
    listeners = expected == 0 ? NO_LISTENERS : new ResultListener[expected];
    details = expected == 0 ? NO_DETAILS : new Object[expected];
    words = expected == 0 ? NO_WORDS : new long[expected * 3];
  }

  void accepted(ResultListener listener, long handle, long taskId, long latencyNanos) {
    add(listener, ACCEPTED, handle, taskId, latencyNanos);
  }

  void duplicate(ResultListener listener, long handle, Duplicate duplicate) {
    add(listener, duplicate.getReason(), handle, duplicate.getDuplicateOf(), 0);
  }

  void ended(ResultListener listener, long handle, TaskResult result, long latencyNanos) {
    add(listener, result, handle, result.getTaskId(), latencyNanos);
  }

  void refused(ResultListener listener, long handle, Refusal refusal) {
    add(listener, refusal, handle, 0, 0);
  }

  void abandoned(ResultListener listener, long handle, long taskId, String why) {
    add(listener, why, handle, taskId, 0);
  }

  boolean isEmpty() {
    return count == 0;
  }

  private void add(
      ResultListener listener, Object detail, long handle, long taskId, long latencyNanos) {
    if (count == listeners.length) {
      grow();
    }
    listeners[count] = listener;
    details[count] = detail;
    words[count * 3] = handle;
    words[count * 3 + 1] = taskId;
    words[count * 3 + 2] = latencyNanos;
    count++;
  }

  private void grow() {
    int capacity = Math.max(4, count * 2);
    listeners = Arrays.copyOf(listeners, capacity);
    details = Arrays.copyOf(details, capacity);
    words = Arrays.copyOf(words, capacity * 3);
  }

  void run() {
    for (int i = 0; i < count; i++) {
      try {
        call(i);
      } catch (RuntimeException e) {
        // One listener's fault must not break the stream that all the others hang on.
        LOG.error("a result listener failed: handle={}; mend the listener", words[i * 3], e);
      }
    }
  }

  private void call(int i) {
    long handle = words[i * 3];
    Object detail = details[i];
    if (detail == ACCEPTED) {
      listeners[i].accepted(handle, words[i * 3 + 1], words[i * 3 + 2]);
    } else if (detail instanceof DuplicateReason reason) {
      listeners[i].duplicate(handle, words[i * 3 + 1], reason);
    } else if (detail instanceof TaskResult result) {
      listeners[i].ended(handle, result, words[i * 3 + 2]);
    } else if (detail instanceof Refusal refusal) {
      listeners[i].refused(handle, refusal);
    } else {
      listeners[i].abandoned(handle, words[i * 3 + 1], (String) detail);
    }
  }
}
