package io.tidemill.register;

import com.google.protobuf.ByteString;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.TaskPartial;

/**
 * Hands on what handlers emit, through the mapped ring of the last parts. A worker that emits more
 * than its share has the rest dropped here, so that it neither displaces all that others emit nor
 * costs them time; whoever follows is told by the positions. Guarded.
 */
final class Partials {
  /** What a message says beyond is not looked at: they are a courtesy. */
  static final int PER_MESSAGE_MAX = 1_000;

  static final int BYTES_MAX = 64 << 10;
  static final long WORKER_BYTES_PER_SECOND = 512 << 10;
  static final long WORKER_BYTES_AT_ONCE = 512 << 10;

  /**
   * What an entry of the ring counts at least: of short ones half the ring may pass in a second.
   */
  static final int ENTRY_BYTES_LEAST = 256;

  private static final byte[] NOTHING = {};

  private final TaskTable tasks;
  private final PartialRing ring;

  Partials(TaskTable tasks, PartialRing ring) {
    this.tasks = tasks;
    this.ring = ring;
  }

  /**
   * @param word the state of the task, which the worker holds
   */
  void onPartial(Worker worker, TaskPartial partial, long word, long now) {
    ByteString bytes = partial.getData();
    long id = partial.getTaskId();
    int lease = StateWord.lease(word);
    int attempt = tasks.attempts(TaskId.slot(id)) + 1;
    long position = partial.getPosition();
    ByteBucket share = worker.partials(now);
    boolean fits = bytes.size() <= BYTES_MAX && share.take(cost(bytes.size()), now);
    byte[] data = fits ? bytes.toByteArray() : NOTHING;
    for (int at = 0; at < data.length; at += PartialRing.DATA_BYTES) {
      int length = Math.min(PartialRing.DATA_BYTES, data.length - at);
      ring.write(id, lease, attempt, position + at, data, at, length);
    }
    if (partial.getLast() && data.length == 0 && share.takeOnCredit(ENTRY_BYTES_LEAST, now)) {
      // Says how much there has been, so that what was lost at the end is told as well.
      ring.write(id, lease, attempt, position + bytes.size(), NOTHING, 0, 0);
    }
  }

  private static int cost(int bytes) {
    int entries = (bytes + PartialRing.DATA_BYTES - 1) / PartialRing.DATA_BYTES;
    return Math.max(bytes, entries * ENTRY_BYTES_LEAST);
  }
}
