package io.tidemill.shm.inspect;

import io.tidemill.shm.journal.SubmissionDecoder;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Finds submissions that were accepted twice, as different tasks: the second one may be one that
 * the ledger does not know of. So the keys of the ledger's tasks are collected first, and compared
 * with those of all submissions then. A key is the session and the number in it, or the request id,
 * mixed to 64 bits.
 */
final class Duplicates {
  private static final long SESSION_SALT = 0x5e55L;
  private static final long REQUEST_SALT = 0x2e0_0e57L;

  private final LongIndex keys = new LongIndex();
  private final Set<Long> extra = new LinkedHashSet<>();
  private long[] owners = new long[1 << 10];

  /** A submission of the ledger. */
  void collect(SubmissionDecoder submission) {
    if (submission.sessionId() != 0) {
      own(sessionKey(submission), submission.taskId());
    }
    String request = submission.requestId();
    if (!request.isEmpty()) {
      own(requestKey(request), submission.taskId());
    }
  }

  /** Any submission, when all of the ledger's are collected. */
  void compare(SubmissionDecoder submission) {
    if (submission.sessionId() != 0) {
      check(sessionKey(submission), submission.taskId());
    }
    String request = submission.requestId();
    if (!request.isEmpty()) {
      check(requestKey(request), submission.taskId());
    }
  }

  /** The tasks that should not be. */
  Set<Long> tasks() {
    return extra;
  }

  private void own(long key, long taskId) {
    int number = keys.add(key);
    if (number == owners.length) {
      owners = Arrays.copyOf(owners, 2 * number);
    }
    if (owners[number] == 0) {
      owners[number] = taskId;
    } else if (owners[number] != taskId) {
      extra.add(taskId);
    }
  }

  private void check(long key, long taskId) {
    int number = keys.find(key);
    if (number >= 0 && owners[number] != taskId) {
      extra.add(taskId);
    }
  }

  private static long sessionKey(SubmissionDecoder submission) {
    return LongIndex.mix(
        LongIndex.mix(submission.sessionId() ^ SESSION_SALT) + submission.sessionNumber());
  }

  private static long requestKey(String request) {
    long key = REQUEST_SALT;
    for (int i = 0; i < request.length(); i++) {
      key = LongIndex.mix(key + request.charAt(i));
    }
    return key;
  }
}
