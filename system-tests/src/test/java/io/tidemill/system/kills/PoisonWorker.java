package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.worker.TidemillWorker;
import java.time.Duration;

/** A worker whose handler ends the process at once when the payload says so. */
final class PoisonWorker {
  static final String TYPE = "sip";
  static final String POISON = "poison";

  /** In the log, and unlike any other end. */
  static final int EXIT_CODE = 99;

  private PoisonWorker() {}

  /** REGISTER NAME CAPACITY: runs until it takes poison, is killed, or its parent is gone. */
  public static void main(String[] arguments) {
    Orders orders = new Orders();
    TidemillWorker.builder()
        .register(arguments[0])
        .workerId(arguments[1])
        .capacity(Integer.parseInt(arguments[2]))
        .logFiguresEvery(Duration.ofHours(1))
        .handler(TYPE, context -> sip(context.payload()))
        .onRegistered(sentence -> orders.answer(Orders.READY))
        .build()
        .start();
    while (true) {
      orders.await();
    }
  }

  private static ByteString sip(ByteString payload) {
    if (payload.toStringUtf8().equals(POISON)) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
    return payload;
  }
}
