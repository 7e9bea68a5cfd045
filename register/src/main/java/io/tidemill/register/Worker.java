package io.tidemill.register;

import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.shm.region.WorkerTable.State;
import java.util.Map;

/**
 * One registration of a worker, as far as it is needed in this process. Its row in the worker table
 * says the same to the others. A later registration, of the same worker or another one in the same
 * row, is another object. Guarded.
 */
final class Worker {
  private final int row;
  private final long incarnation;
  private final Registration registration;
  private final Map<Long, Long> earlierLeases;
  private State state;
  private HeartbeatStream stream;
  private long newsNanos;
  private final RateWindow rate = new RateWindow();

  /** Null until its handlers emit anything. */
  private ByteBucket partials;

  /**
   * @param earlierLeases the tasks that its row held under the registration before, with their
   *     leases
   */
  Worker(
      int row,
      long incarnation,
      Registration registration,
      State state,
      Map<Long, Long> earlierLeases) {
    this.earlierLeases = earlierLeases;
    this.row = row;
    this.incarnation = incarnation;
    this.registration = registration;
    this.state = state;
  }

  int row() {
    return row;
  }

  long incarnation() {
    return incarnation;
  }

  String id() {
    return registration.workerId();
  }

  Registration registration() {
    return registration;
  }

  /**
   * Whether a lease counts as this registration's: the Main Scheduler does not count earlier ones
   * any more.
   */
  boolean counts(long taskId, long lease) {
    Long earlier = earlierLeases.get(taskId);
    return earlier == null || earlier != lease;
  }

  State state() {
    return state;
  }

  /** By {@link Workers}, with the row. */
  void state(State next) {
    state = next;
  }

  /** It holds leases, or may. */
  boolean isServed() {
    return state == State.ALIVE || state == State.DRAINING;
  }

  /** Its heartbeat stream, or null while it has none. */
  HeartbeatStream stream() {
    return stream;
  }

  void stream(HeartbeatStream next) {
    stream = next;
  }

  /** When it last reported a start or an end. */
  long newsNanos() {
    return newsNanos;
  }

  void newsNanos(long nanos) {
    newsNanos = nanos;
  }

  RateWindow rate() {
    return rate;
  }

  /** How much more of what its handlers emit is handed on. */
  ByteBucket partials(long nowNanos) {
    if (partials == null) {
      partials =
          new ByteBucket(Partials.WORKER_BYTES_PER_SECOND, Partials.WORKER_BYTES_AT_ONCE, nowNanos);
    }
    return partials;
  }
}
