package io.tidemill.plm;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.HeapView;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskHeap.Entry;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.Place;
import java.util.function.Predicate;

/**
 * How many tasks are to be taken before a ready one: entries of the mapped heap that are better,
 * and current by their slots. The work is bounded; any thread.
 */
final class PlaceInOrder {
  /** So many entries are looked at, in all lanes together. */
  static final int LOOKED_AT_MAX = 100_000;

  /** Finds the classes of work by their numbers. */
  @FunctionalInterface
  interface Lanes {
    Lane lane(int number);
  }

  private final Control control;
  private final TaskTable tasks;
  private final TaskHeap heap;
  private final Lanes lanes;

  PlaceInOrder(Regions regions, Lanes lanes) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.heap = regions.taskHeap();
    this.lanes = lanes;
  }

  /**
   * @param competes whether the tasks of a lane are taken by workers that could take this one
   */
  Place of(int slot, Predicate<Lane> competes) {
    HeapView view = new HeapView(heap, LOOKED_AT_MAX);
    Entry own = entry(slot);
    Place.Builder place = Place.newBuilder();
    long ahead = 0;
    for (int number = 0; number < heap.lanesMax(); number++) {
      if (heap.size(number) > 0 && competes.test(lanes.lane(number))) {
        int count = view.countBefore(number, own, this::isCurrent);
        ahead += count;
        if (count > 0) {
          place.addLanesBuilder().setLane(lanes.lane(number).text()).setAhead(count);
        }
      }
    }
    return place.setAhead(ahead).setAtLeast(view.isCut()).build();
  }

  /** Whether a ready task is not in the order: it has been set aside, or has just become ready. */
  boolean isSetAside(int slot) {
    return new HeapView(heap, LOOKED_AT_MAX).lacks(tasks.type(slot), entry(slot));
  }

  private Entry entry(int slot) {
    TaskOrder order = new TaskOrder(tasks, control);
    return new Entry(order.first(slot), order.second(slot));
  }

  private boolean isCurrent(Entry entry) {
    return new TaskOrder(tasks, control).isCurrent(entry.first(), entry.second());
  }
}
