package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Defines things by their names, and knows what has to hold whatever dies. */
final class SimDefinitions {
  private final World world;
  private final Map<String, String> asked = new TreeMap<>();
  private final Map<String, String> told = new TreeMap<>();

  SimDefinitions(World world) {
    this.world = world;
  }

  /** Asks for it; an empty value removes. */
  void define(String name, String value) {
    SimProcess plm = world.process(Role.PLM);
    if (plm == null) {
      return;
    }
    asked.put(name, value);
    world.in(plm, () -> ask(plm, name, value));
  }

  private void ask(SimProcess plm, String name, String value) {
    String refused =
        world
            .plm()
            .define(name, value, () -> told.compute(name, (n, v) -> plm.isAlive() ? value : v));
    if (refused != null) {
      world.fail("a definition was refused: " + refused);
    }
  }

  /** What was promised holds; what was asked for and not answered may, as a whole. */
  List<String> wrong() {
    List<String> wrong = new ArrayList<>();
    asked.forEach(
        (name, last) -> {
          String held = world.plm().defined(name);
          String promised = told.getOrDefault(name, "");
          if (!held.equals(promised) && !held.equals(last)) {
            wrong.add(
                "a definition does not hold: name="
                    + name
                    + " held="
                    + held
                    + " promised="
                    + promised
                    + " asked="
                    + last);
          }
        });
    return wrong;
  }
}
