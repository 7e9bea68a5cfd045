package io.tidemill.worker;

import io.tidemill.rpc.security.UnixSockets;
import io.tidemill.v1.RegisterWorkerResponse;

/**
 * What the Register granted.
 *
 * @param number counts this process's registrations from 1; reports are numbered within one
 * @param dispatchAddress host:port, the host filled in
 */
record Registration(
    long number,
    long workerKey,
    long beatIntervalMillis,
    int resultBytesMax,
    String dispatchAddress) {
  private static final int BEAT_INTERVAL_MILLIS_DEFAULT = 2_000;

  static Registration of(long number, RegisterWorkerResponse answer, String registerAddress) {
    int interval = answer.getBeatIntervalMs();
    int resultMax = answer.getResultBytesMax();
    return new Registration(
        number,
        answer.getWorkerKey(),
        interval == 0 ? BEAT_INTERVAL_MILLIS_DEFAULT : Integer.toUnsignedLong(interval),
        resultMax == 0 ? Integer.MAX_VALUE : resultMax,
        withHost(answer.getDispatchAddress(), registerAddress));
  }

  /** An empty host means the one that the Register was reached at. */
  private static String withHost(String address, String registerAddress) {
    if (!address.startsWith(":")) {
      return address;
    }
    if (UnixSockets.isUnix(registerAddress)) {
      return UnixSockets.sibling(registerAddress, "scheduler");
    }
    int colon = registerAddress.lastIndexOf(':');
    return registerAddress.substring(0, colon) + address;
  }
}
