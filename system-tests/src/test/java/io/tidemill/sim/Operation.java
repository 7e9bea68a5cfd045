package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import java.util.function.Consumer;

/**
 * Something that one server does, to be stopped at each of its writes.
 *
 * @param starts it is a start: what is stopped is the incarnation that begins with it
 * @param alone no other server lives then
 * @param prepare brings the stage to where it can be done
 * @param run does it, and lets no other server do anything
 */
record Operation(
    String name,
    Role role,
    boolean starts,
    boolean alone,
    Consumer<Stage> prepare,
    Consumer<Stage> run) {

  static Operation of(String name, Role role, Consumer<Stage> prepare, Consumer<Stage> run) {
    return new Operation(name, role, false, false, prepare, run);
  }

  static Operation start(String name, Role role, Consumer<Stage> prepare) {
    return new Operation(name, role, true, false, prepare, stage -> restart(stage, role));
  }

  /** The first start after a reboot, which makes the regions anew. */
  static Operation rebuild(Role role) {
    return new Operation(
        "rebuild after a reboot",
        role,
        true,
        true,
        stage -> stage.world.reboot(),
        stage -> restart(stage, role));
  }

  private static void restart(Stage stage, Role role) {
    if (stage.world.isUp(role)) {
      stage.world.kill(role);
    }
    stage.world.start(role);
    stage.world.turn(role);
  }

  @Override
  public String toString() {
    return role.label() + ": " + name;
  }
}
