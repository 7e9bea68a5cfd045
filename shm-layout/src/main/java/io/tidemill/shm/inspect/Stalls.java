package io.tidemill.shm.inspect;

import java.util.Arrays;

/** The longest time in which tasks were outstanding and none ended. */
final class Stalls {
  private Stalls() {}

  /** Over the tasks of which both the submission and the outcome are known. */
  static long longestMillis(LedgerTasks tasks) {
    long[] begins = new long[tasks.size()];
    long[] ends = new long[tasks.size()];
    int count = 0;
    for (int task = 0; task < tasks.size(); task++) {
      if (tasks.hasSubmission(task) && tasks.hasOutcome(task)) {
        begins[count] = tasks.submittedMillis(task);
        // The wall clock may have been set back in between.
        ends[count++] = Math.max(tasks.submittedMillis(task), tasks.endedMillis(task));
      }
    }
    begins = Arrays.copyOf(begins, count);
    ends = Arrays.copyOf(ends, count);
    Arrays.sort(begins);
    Arrays.sort(ends);
    return longest(begins, ends);
  }

  private static long longest(long[] begins, long[] ends) {
    long longest = 0;
    int begun = 0;
    long since = 0;
    for (int ended = 0; ended < ends.length; ended++) {
      // Nothing is outstanding: the wait for the next end begins with the next submission.
      if (begun == ended) {
        since = Math.max(since, begins[begun]);
      }
      while (begun < begins.length && begins[begun] <= ends[ended]) {
        begun++;
      }
      longest = Math.max(longest, ends[ended] - since);
      since = ends[ended];
    }
    return longest;
  }
}
