package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.TypeTable;
import java.util.Arrays;

/** The classes of work by their numbers: each text is read once. By the agent's thread. */
final class Lanes {
  private final TypeTable table;
  private Lane[] lanes = new Lane[0];
  private boolean[] needing = new boolean[0];

  Lanes(Instance instance) {
    this.table = instance.regions().newTypes();
  }

  Lane lane(int number) {
    if (number < 0 || number >= lanes.length || lanes[number] == null) {
      read(number);
    }
    return lanes[number];
  }

  /** Whether a lease of one of its tasks takes amounts of its worker. */
  boolean needsAmounts(int number) {
    lane(number);
    return needing[number];
  }

  private void read(int number) {
    Lane lane = Lane.parse(table.name(number));
    if (number >= lanes.length) {
      lanes = Arrays.copyOf(lanes, Math.max(number + 1, 2 * lanes.length));
      needing = Arrays.copyOf(needing, lanes.length);
    }
    lanes[number] = lane;
    needing[number] = !lane.amounts().isEmpty();
  }
}
