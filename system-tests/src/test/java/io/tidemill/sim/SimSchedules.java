package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import io.tidemill.v1.StoredExtra;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes schedules, and knows which occurrences have to be tasks whatever dies. */
final class SimSchedules {
  private static final long MINUTE_MILLIS = 60_000;

  private final World world;
  private final TreeSet<String> made = new TreeSet<>();
  private final TreeSet<String> asked = new TreeSet<>();

  SimSchedules(World world) {
    this.world = world;
  }

  /** Once, at the next full minute of the world's wall clock. */
  void create(String name) {
    SimProcess plm = world.process(Role.PLM);
    if (plm == null) {
      return;
    }
    asked.add(name);
    long minute = due() / MINUTE_MILLIS;
    String cron = minute % 60 + " " + minute / 60 % 24 + " * * *";
    world.in(plm, () -> ask(plm, name, cron));
  }

  private long due() {
    return (world.wallMillis() / MINUTE_MILLIS + 1) * MINUTE_MILLIS;
  }

  private void ask(SimProcess plm, String name, String cron) {
    String refused =
        world
            .plm()
            .schedule(
                name,
                cron,
                () -> {
                  if (plm.isAlive()) {
                    made.add(name);
                  }
                });
    if (refused != null) {
      world.fail("a schedule was refused: " + refused);
    }
  }

  /**
   * Whether each is one task, however often servers died.
   *
   * @param origins of all tasks, where they have one
   */
  List<String> wrong(Collection<StoredExtra> origins) {
    Map<String, Integer> tasks = new TreeMap<>();
    for (StoredExtra origin : origins) {
      tasks.merge(origin.getSchedule(), 1, Integer::sum);
    }
    List<String> wrong = new ArrayList<>();
    for (String name : asked) {
      int count = tasks.getOrDefault(name, 0);
      if (count > 1 || (count == 0 && made.contains(name) && world.hasWallJumped())) {
        wrong.add("an occurrence is not one task: schedule=" + name + " tasks=" + count);
      }
    }
    return wrong;
  }
}
