package io.tidemill.worker;

import com.google.protobuf.ByteString;
import io.tidemill.v1.ParentResult;
import java.time.Duration;
import java.util.List;

/**
 * What a handler knows of the task that it runs. Valid until the handler returns; safe to use from
 * threads that the handler started itself.
 */
public interface TaskContext {
  /** The task's id; {@link io.tidemill.rpc.TaskIds#format} gives its text form. */
  long taskId();

  String type();

  ByteString payload();

  /** Any 32-bit number; higher goes first. */
  int priority();

  /** 1 for the first attempt; rises with each failed one. */
  int attempt();

  /**
   * The lease's number. It rises, compared as unsigned, whenever the task is given to anyone again:
   * storage that remembers the highest one it has seen can refuse a worker that lost the task
   * without knowing.
   */
  long fencingToken();

  /**
   * How the tasks ended that this one waited for, in the order in which its submission named them;
   * empty if it waited for none. Results that are too long for all of them together were left out,
   * and say so.
   */
  List<ParentResult> parents();

  /** How long this attempt may run; zero if the server did not say. The server sees to it. */
  Duration executionTimeout();

  /** The task is not wanted any more. The handler's thread is interrupted as well, once. */
  boolean isCancelled();

  /** Why the task is not wanted any more; empty if it still is. */
  String cancelReason();

  /**
   * Has the action run once when the task is cancelled: on a thread of the worker's, or at once on
   * the caller's if it is cancelled already. Not run if the handler ends first.
   */
  void onCancel(Runnable action);

  /**
   * Says how far the handler is. The latest word is sent with a beat or within 100 ms; earlier ones
   * may never be.
   *
   * @param fraction 0 to 1
   * @param message cut at 200 characters
   */
  void progress(float fraction, String message);

  /**
   * Tells whoever follows the task something at once, such as a line of a log or a part of the
   * result; it is no part of the result. Never waits: a handler that emits more than some 160 KB a
   * second, or while no server is there, loses the oldest of what has not been sent, and followers
   * are told so. What is emitted after the handler has returned is dropped.
   */
  void emit(ByteString data);

  /** The same for a text, in UTF-8. */
  default void emit(String text) {
    emit(ByteString.copyFromUtf8(text));
  }
}
