package io.tidemill.rpc;

import java.util.function.LongSupplier;

/**
 * Up to when everything that had come to this process was read. Who is silent for longer than that
 * may have spoken: the threads that read can be kept from it, by a stopped machine, a busy one, or
 * a client that keeps them busy.
 */
public interface Hearing {
  /** A time of the caller's clock, in nanoseconds. */
  long heardThrough();

  /** Has it brought up to now, soon. Called by one thread at a time. */
  void listen();

  /** Of who is called directly, by no transport: always up to now. */
  static Hearing direct(LongSupplier clock) {
    return new Hearing() {
      @Override
      public long heardThrough() {
        return clock.getAsLong();
      }

      @Override
      public void listen() {}
    };
  }
}
