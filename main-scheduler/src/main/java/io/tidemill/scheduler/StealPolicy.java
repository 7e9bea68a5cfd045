package io.tidemill.scheduler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides who takes work from whom: from the worker with most tasks waiting in its own queue of
 * which another one may run some, the one with most hands free among those. First it looks at the
 * workers, then it is shown tasks that wait; it never asks for all of them at a time. {@link
 * Recalls} carries out what it says.
 */
final class StealPolicy {
  static final int NOBODY = -1;

  /** One worker takes from another. */
  record Plan(int thief, int victim, int tasksMax) {}

  /** What it sees of the workers that can be given tasks. */
  interface Hands {
    int count();

    /** The worker at a place, from 0 to {@link #count}. */
    int rowAt(int place);

    int inFlight(int row);

    /** How many tasks it runs at one time. */
    int capacity(int row);

    /** Whether more can be sent to it now. */
    boolean isReachable(int row);

    /** Whether it may be given a task of a lane now. */
    boolean handles(int row, int lane);

    /** The cores that its process uses, as of its last beat. */
    float cpu(int row);

    /** Where it stands: work goes between workers of the same place only. */
    String neighbourhood(int row);
  }

  /** Why nothing is taken. */
  enum Refusal {
    NONE,
    NOBODY_WAITS,
    NOBODY_IS_FREE,
    TOO_FAR,
    TOO_BUSY,
    /** What waits has started by now, or is for none of those that are free. */
    NOTHING_FITS
  }

  /** The workers of one neighbourhood. */
  private static final class Place {
    private boolean waits;
    private boolean free;
    private boolean busy;

    /** Who would take the tasks of each lane, as a row plus one; {@link #NOBODY}; 0: not known. */
    private int[] takers = {};
  }

  /** A worker with free hands. */
  private record Idle(int row, int free, Place place, boolean busy) {}

  private final int waitingMin;
  private final int batchMax;
  private final double cpuMax;

  private Hands hands;
  private final List<Idle> idle = new ArrayList<>();

  /** By row: how many tasks wait at it, and where it stands; 0: nothing is taken from it. */
  private int[] waiting = {};

  private Place[] places = {};
  private int victim;
  private int thief;
  private long looks;
  private boolean foundBusy;
  private boolean foundFar;
  private Refusal refusal = Refusal.NONE;

  /**
   * @param waitingMin how many tasks have to wait in a worker's queue
   * @param batchMax how many are taken at a time
   * @param cpuMax a worker whose process uses more of its capacity than this takes nothing; 1 is
   *     all
   */
  StealPolicy(int waitingMin, int batchMax, double cpuMax) {
    this.waitingMin = waitingMin;
    this.batchMax = batchMax;
    this.cpuMax = cpuMax;
  }

  // The workers.

  /** Begins: false if nothing is to be taken, whatever waits, and {@link #refusal} says why. */
  boolean look(Hands seen) {
    hands = seen;
    victim = NOBODY;
    thief = NOBODY;
    foundBusy = false;
    foundFar = false;
    idle.clear();
    Arrays.fill(waiting, 0);
    Arrays.fill(places, null);
    Map<String, Place> found = new HashMap<>();
    for (int place = 0; place < hands.count(); place++) {
      int row = hands.rowAt(place);
      if (hands.isReachable(row)) {
        note(row, found.computeIfAbsent(hands.neighbourhood(row), where -> new Place()));
      }
    }
    refusal = whyNone(found.values());
    return refusal == Refusal.NONE;
  }

  private void note(int row, Place place) {
    int waits = -free(row);
    if (waits >= waitingMin) {
      if (row >= waiting.length) {
        waiting = Arrays.copyOf(waiting, 2 * row + 1);
        places = Arrays.copyOf(places, 2 * row + 1);
      }
      waiting[row] = waits;
      places[row] = place;
      place.waits = true;
    } else if (waits < 0) {
      boolean busy = hands.cpu(row) > cpuMax * hands.capacity(row);
      place.busy |= busy;
      place.free |= !busy;
      idle.add(new Idle(row, -waits, place, busy));
    }
  }

  private int free(int row) {
    return hands.capacity(row) - hands.inFlight(row);
  }

  private Refusal whyNone(Collection<Place> all) {
    if (all.stream().noneMatch(place -> place.waits)) {
      return Refusal.NOBODY_WAITS;
    }
    if (all.stream().anyMatch(place -> place.waits && place.free)) {
      return Refusal.NONE;
    }
    if (all.stream().anyMatch(place -> place.waits && place.busy)) {
      return Refusal.TOO_BUSY;
    }
    return idle.isEmpty() ? Refusal.NOBODY_IS_FREE : Refusal.TOO_FAR;
  }

  // What waits at them.

  /**
   * Whether a task that waits at a worker is worth taking: somebody may run it, and nobody of whom
   * that holds has more that waits, as far as is known by now.
   */
  boolean wants(int row, int lane) {
    if (row >= waiting.length || waiting[row] == 0) {
      return false;
    }
    return (row == victim || victim == NOBODY || waiting[row] > waiting[victim])
        && taker(places[row], lane) != NOBODY;
  }

  /** Takes note of a task that is wanted; true: it is the first one of this worker. */
  boolean take(int row, int lane) {
    boolean other = row != victim;
    victim = row;
    int taker = taker(places[row], lane);
    thief = other || free(taker) > free(thief) ? taker : thief;
    return other;
  }

  private int taker(Place place, int lane) {
    if (lane >= place.takers.length || place.takers[lane] == 0) {
      int found = find(place, lane);
      if (lane >= place.takers.length) {
        place.takers = Arrays.copyOf(place.takers, 2 * lane + 1);
      }
      place.takers[lane] = found == NOBODY ? NOBODY : found + 1;
    }
    return place.takers[lane] == NOBODY ? NOBODY : place.takers[lane] - 1;
  }

  /** The one with most hands free that may run a lane. */
  private int find(Place place, int lane) {
    int row = NOBODY;
    int free = 0;
    boolean busy = false;
    boolean far = false;
    for (Idle each : idle) {
      looks++;
      boolean here = each.place == place;
      boolean serves = here && !each.busy;
      boolean isNews = serves ? each.free > free : row == NOBODY && !(here ? busy : far);
      if (isNews && hands.handles(each.row, lane)) {
        row = serves ? each.row : row;
        free = serves ? each.free : free;
        busy |= here && each.busy;
        far |= !here;
      }
    }
    foundBusy |= row == NOBODY && busy;
    foundFar |= row == NOBODY && far;
    return row;
  }

  /** How often it was looked whether a worker may run something: what all of this costs. */
  long looks() {
    return looks;
  }

  /** When all that waits has been shown; null: nothing is to be taken, and why. */
  Plan plan() {
    if (victim == NOBODY) {
      boolean far = foundFar && !foundBusy;
      refusal = foundBusy ? Refusal.TOO_BUSY : far ? Refusal.TOO_FAR : Refusal.NOTHING_FITS;
      return null;
    }
    int free = hands.isReachable(thief) ? free(thief) : 0;
    if (free <= 0) {
      refusal = Refusal.NOBODY_IS_FREE;
      return null;
    }
    return new Plan(thief, victim, Math.min(Math.min(batchMax, free), (waiting[victim] + 1) / 2));
  }

  /** Why the last look came to nothing. */
  Refusal refusal() {
    return refusal;
  }
}
