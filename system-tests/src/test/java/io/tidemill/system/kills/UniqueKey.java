package io.tidemill.system.kills;

import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;
import java.util.List;

/**
 * A unique key that many submit with.
 *
 * @param queue of the tasks with it
 * @param workMillis how long these work
 * @param untilStart it is held until the start, not the end
 * @param forMillis it is held for so long after the end
 */
record UniqueKey(String name, String queue, long workMillis, boolean untilStart, long forMillis) {
  static final String QUEUE = "unique";

  /** Of tasks that do not start before it is let go. */
  static final String HELD = "unique-held";

  /** Longer than any test. */
  private static final long EVER_MILLIS = 3_600_000;

  /**
   * Until the end, until the start, and for less, for more, and for much more time than a server
   * takes to come again.
   */
  static final List<UniqueKey> ALL =
      List.of(
          new UniqueKey("end-a", QUEUE, 30, false, 0),
          new UniqueKey("end-b", QUEUE, 5, false, 0),
          new UniqueKey("end-held", HELD, 1, false, 0),
          new UniqueKey("start", QUEUE, 30, true, 0),
          new UniqueKey("start-held", HELD, 1, true, 0),
          new UniqueKey("brief", QUEUE, 1, false, 100),
          new UniqueKey("long", QUEUE, 1, false, 3_000),
          new UniqueKey("ever", QUEUE, 1, false, EVER_MILLIS));

  boolean isHeldForEver() {
    return forMillis == EVER_MILLIS;
  }

  /** Of the key of a task with this name. */
  static String nameOf(String task) {
    return task.split(":")[0];
  }

  TaskSpec spec(String who) {
    TaskSpec.Builder spec =
        TaskSpec.newBuilder()
            .setType(Work.TYPE)
            .setQueue(queue)
            .setUniqueKey(name)
            .setUniqueForMs(forMillis)
            .setPayload(new Work(name + ":" + who, workMillis, 0).payload());
    return untilStart ? spec.setUniqueUntil(UniqueUntil.UNIQUE_UNTIL_START).build() : spec.build();
  }
}
