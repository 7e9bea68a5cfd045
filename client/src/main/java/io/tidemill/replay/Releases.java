package io.tidemill.replay;

import java.util.List;
import java.util.function.IntConsumer;

/** Says when a job that waits for others may be submitted. Safe for use by many threads. */
public interface Releases {
  /** Whether a job is submitted when its time comes, whatever the others do. */
  boolean isFree(int job);

  /** A job has an end: whoever waited for it alone may go, or never will. */
  void ended(int job, boolean succeeded);

  /**
   * Holds every job back here until all those before it have succeeded.
   *
   * @param go gets each job that may go, in the thread that told of the last end
   * @param never gets each job that will not, since one before it did not succeed
   */
  static Releases here(List<Job> jobs, IntConsumer go, IntConsumer never) {
    return new ReleasesHere(jobs, go, never);
  }
}
