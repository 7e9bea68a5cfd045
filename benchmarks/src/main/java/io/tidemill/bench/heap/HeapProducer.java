package io.tidemill.bench.heap;

import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The process that submits, as fast as slots come back and the ring has room, until it is ended.
 */
public final class HeapProducer {
  private static final int RUN = 64;

  private HeapProducer() {}

  public static void main(String[] arguments) throws IOException {
    HeapShare share = HeapShare.open(Path.of(arguments[0]));
    Thread submitting = new Thread(() -> submit(share), "submit");
    submitting.setDaemon(true);
    submitting.start();
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // Until whoever started this has ended.
    }
  }

  private static void submit(HeapShare share) {
    Ring ring = share.ring();
    int staged = 0;
    for (long task = 0; ; task++) {
      if (!share.words().casLong(HeapShare.offset(task), HeapShare.FREE, HeapShare.READY)) {
        continue; // Its task stands in the heap, with a low priority for as long as this runs.
      }
      long event = Rings.event(Rings.TASK_READY, (int) task & (HeapShare.SLOTS - 1));
      while (!ring.stage(event, task)) {
        ring.publish();
        Thread.onSpinWait();
      }
      if (++staged % RUN == 0) {
        ring.publish();
      }
    }
  }
}
