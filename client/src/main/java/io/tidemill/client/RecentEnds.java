package io.tidemill.client;

import io.tidemill.v1.TaskResult;

/**
 * Remembers the ends that were delivered lately, one to a bucket, so that an end that comes twice
 * (as it may after a break) is told from one that contradicts the first. Not safe for threads.
 */
final class RecentEnds {
  enum Seen {
    /** Not remembered: never seen, or long ago. */
    UNKNOWN,
    SAME,
    DIFFERENT
  }

  private static final int BUCKETS_LOG2_MAX = 17;

  private final long[] ids;
  private final int[] digests;
  private final int shift;

  RecentEnds(int outstandingMax) {
    int log2 = Math.min(BUCKETS_LOG2_MAX, 33 - Integer.numberOfLeadingZeros(outstandingMax));
    ids = new long[1 << log2];
    digests = new int[1 << log2];
    shift = 64 - log2;
  }

  void remember(TaskResult result) {
    int bucket = LongIntMap.hash(result.getTaskId(), shift);
    ids[bucket] = result.getTaskId();
    digests[bucket] = digest(result);
  }

  Seen look(TaskResult result) {
    int bucket = LongIntMap.hash(result.getTaskId(), shift);
    if (ids[bucket] != result.getTaskId()) {
      return Seen.UNKNOWN;
    }
    return digests[bucket] == digest(result) ? Seen.SAME : Seen.DIFFERENT;
  }

  private static int digest(TaskResult result) {
    return result.getStateValue() * 31 + result.getResult().hashCode();
  }
}
