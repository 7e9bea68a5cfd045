package io.tidemill.sim;

/** A server's own parts, put together by its own code, with the threads and sockets left out. */
public interface SimServer {
  /** What it does before it serves. */
  void settle();

  /** One turn of its main loop; answers how much was done. */
  int turn(long nowNanos);

  /** What its other threads would do: forces its journal if somebody waits for that. */
  int commit();
}
