package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import io.tidemill.v1.StoredExtra;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Submits ended tasks again, and knows what has to have become of them whatever dies. */
final class SimRequeues {
  private final World world;
  private final TreeSet<Long> asked = new TreeSet<>();
  private final Map<Long, Long> told = new HashMap<>();

  SimRequeues(World world) {
    this.world = world;
  }

  /** Asks for it; it may be asked for again. */
  void requeue(long id) {
    SimProcess plm = world.process(Role.PLM);
    if (plm == null) {
      return;
    }
    asked.add(id);
    world.in(
        plm,
        () ->
            world
                .plm()
                .requeue(
                    id,
                    made -> {
                      if (plm.isAlive()) {
                        note(id, made);
                      }
                    }));
  }

  private void note(long id, long made) {
    Long before = told.put(id, made);
    if (before != null && before != made) {
      world.fail("a task was requeued twice: task=" + Long.toHexString(id));
    }
  }

  /**
   * Whether each is at most one new task, one where that was said, and the same when it is asked
   * for again.
   *
   * @param origins of all tasks, where they have one
   */
  List<String> wrong(Map<Long, StoredExtra> origins) {
    Map<Long, List<Long>> tasks = new HashMap<>();
    origins.forEach(
        (id, origin) ->
            tasks.computeIfAbsent(origin.getRequeuedFrom(), from -> new ArrayList<>()).add(id));
    List<String> wrong = new ArrayList<>();
    for (long id : asked) {
      List<Long> made = tasks.getOrDefault(id, List.of());
      boolean isOne = made.size() == 1 && world.plm().requeuedAs(id) == made.get(0);
      boolean isTold = !told.containsKey(id) || made.contains(told.get(id));
      if ((!isOne && !made.isEmpty()) || !isTold) {
        wrong.add("a requeue is not one task: task=" + Long.toHexString(id) + " tasks=" + made);
      }
    }
    return wrong;
  }
}
