package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Changes priorities, and knows what has to hold whatever dies. */
final class SimPriorities {
  /** What is known of one task's. */
  private static final class Known {
    private Integer promised;

    /** The task is kept on disk, and so what was promised outlives a loss of power. */
    private boolean disk;

    /** Asked for after that, and not answered. */
    private final List<Integer> asked = new ArrayList<>();

    private final Set<Integer> everAsked = new HashSet<>();
  }

  private final World world;
  private final Map<Long, Known> tasks = new HashMap<>();

  SimPriorities(World world) {
    this.world = world;
  }

  /** Asks for it; whether the task still waits is the server's to say. */
  void set(long id, int priority) {
    SimProcess plm = world.process(Role.PLM);
    if (plm == null) {
      return;
    }
    Known known = tasks.computeIfAbsent(id, task -> new Known());
    known.asked.add(priority);
    known.everAsked.add(priority);
    int place = known.asked.size();
    world.in(
        plm,
        () ->
            world
                .plm()
                .priority(
                    id,
                    priority,
                    disk -> {
                      if (plm.isAlive()) {
                        known.disk = disk;
                        promise(known, priority, place);
                      }
                    }));
  }

  private static void promise(Known known, int priority, int place) {
    known.promised = priority;
    known.asked.subList(0, Math.min(place, known.asked.size())).clear();
  }

  /**
   * The power failed: what was promised without the disk may be gone, and then whatever was asked
   * for before it, answered or not, may be the last that is left.
   */
  void afterPowerLoss(Kept kept) {
    tasks.keySet().removeIf(id -> !kept.hasTask(id));
    for (Known known : tasks.values()) {
      if (!known.disk) {
        known.promised = null;
        known.asked.clear();
        known.asked.addAll(known.everAsked);
      }
    }
  }

  /**
   * What was promised holds; what was asked for and not answered may.
   *
   * @param recorded of each task the priorities in its records, in the order of the journal
   */
  List<String> wrong(Map<Long, List<Integer>> recorded) {
    List<String> wrong = new ArrayList<>();
    tasks.forEach(
        (id, known) -> {
          List<Integer> records = recorded.get(id);
          if (records == null) {
            return; // That it is gone is said elsewhere.
          }
          Set<Integer> allowed = new HashSet<>(known.asked);
          allowed.add(known.promised == null ? records.get(0) : known.promised);
          int last = records.get(records.size() - 1);
          if (!allowed.contains(last)) {
            wrong.add(
                "a priority does not hold: task="
                    + Long.toHexString(id)
                    + " recorded="
                    + records
                    + " promised="
                    + known.promised
                    + " asked="
                    + known.asked);
          }
        });
    return wrong;
  }
}
