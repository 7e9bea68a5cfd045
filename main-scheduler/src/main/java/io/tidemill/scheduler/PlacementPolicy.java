package io.tidemill.scheduler;

/**
 * Who gets a task. It sees the workers as they are now and names one; assigning is another's step,
 * and may fail.
 */
interface PlacementPolicy {
  int NOBODY = -1;

  /**
   * The row of the worker that a task of this type goes to, or {@link #NOBODY}.
   *
   * @param type the task's type
   * @param workers whom to choose from
   */
  int place(int type, Candidates workers);

  /** The workers, ordered by load. */
  interface Candidates {
    /** How many there are. */
    int count();

    /** The row at a place; 0 is the least loaded relative to its window, at random among equals. */
    int rowAt(int place);

    /** How many more tasks it takes now; 0 if it is full, or its stream is. */
    int room(int row);

    /** What it holds in relation to what it may hold: 1 and above is full. */
    double load(int row);

    boolean handles(int row, int type);
  }
}
