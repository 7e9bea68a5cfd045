package io.tidemill.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports for what a benchmark starts. */
public final class Ports {
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 30_000;
  private static final int TRIES = 1_000;

  private Ports() {}

  /** The first of three free ports in a row. */
  public static int freeBase() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int base = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(base)) {
        return base;
      }
    }
    throw new IOException("no three free ports in a row: from=" + LOWEST + " to=" + HIGHEST);
  }

  private static boolean isFree(int base) {
    try (ServerSocket a = new ServerSocket(base);
        ServerSocket b = new ServerSocket(base + 1);
        ServerSocket c = new ServerSocket(base + 2)) {
      return a.isBound() && b.isBound() && c.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
