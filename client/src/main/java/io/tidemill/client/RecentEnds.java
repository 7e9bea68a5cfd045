package io.tidemill.client;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskResult;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

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

  private static final int LARGE_BYTES = 256;
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
    ByteString bytes = result.getResult();
    int digest = bytes.size() < LARGE_BYTES ? bytes.hashCode() : checksum(bytes);
    return result.getStateValue() * 31 + digest;
  }

  /** The processor has an instruction for it, and none for the hash of a string of bytes. */
  private static int checksum(ByteString bytes) {
    CRC32C sum = new CRC32C();
    try (OutputStream out = new CheckedOutputStream(OutputStream.nullOutputStream(), sum)) {
      bytes.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Nothing is written anywhere.
    }
    return (int) sum.getValue();
  }
}
