package io.tidemill.scheduler;

/**
 * Who gets a task. It sees the workers as they are now and names one; assigning is another's step,
 * and may fail.
 */
public interface PlacementPolicy {
  int NOBODY = -1;

  /**
   * The policy of a name that {@code placement.policy} may have.
   *
   * @throws IllegalArgumentException if there is none
   */
  static PlacementPolicy of(String name) {
    return switch (name) {
      case "least-loaded" -> new LeastLoaded();
      case "power-of-two" -> new PowerOfTwo();
      case "measured-speed" -> new MeasuredSpeed();
      case "packing" -> new Packing();
      default -> throw new IllegalArgumentException("no such placement policy: name=" + name);
    };
  }

  /**
   * The row of the worker that a task of this lane goes to, or {@link #NOBODY}, which means that
   * none of them takes it now.
   *
   * @param lane the task's class of work
   * @param workers whom to choose from
   */
  int place(int lane, Candidates workers);

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

    /** Whether it may take a task of this lane now, apart from its room. */
    boolean handles(int row, int lane);

    /** Whether it may take a task of this lane at all, were it free. */
    boolean mayRun(int row, int lane);

    /** What it is told from others by, which its restart does not change. */
    long identity(int row);

    /** How many tasks it holds, running or not. */
    int inFlight(int row);

    /** How many tasks it runs at a time. */
    int capacity(int row);

    /** The smoothed time that tasks of a lane take on it; 0: not known. */
    long serviceMicros(int row, int lane);

    /** Whether it can be given a task of this lane now. */
    default boolean takes(int row, int lane) {
      return room(row) > 0 && handles(row, lane);
    }
  }
}
