package io.tidemill.system.kills;

import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The server processes of an instance, seen through its mapped files, and how they are killed. */
final class Servers {
  static final Duration PATIENCE = Duration.ofMinutes(2);
  static final List<Role> ROLES = List.of(Role.servers());
  static final int KILL = 9;

  private final Control control;

  Servers(Control control) {
    this.control = control;
  }

  /** SIGKILL, at once; answers when another incarnation of each serves. */
  void kill(List<Role> roles) {
    Map<Role, Long> before = incarnations();
    roles.forEach(role -> Host.signal((int) control.pid(role), KILL));
    awaitServing(before, roles);
  }

  Map<Role, Long> incarnations() {
    Map<Role, Long> now = new EnumMap<>(Role.class);
    ROLES.forEach(role -> now.put(role, control.incarnation(role)));
    return now;
  }

  /** Until later incarnations than these serve. */
  void awaitServing(Map<Role, Long> before, List<Role> roles) {
    await(
        "another incarnation of " + roles,
        () ->
            roles.stream()
                .allMatch(
                    role ->
                        control.incarnation(role) > before.get(role)
                            && control.phase(role) == Phase.SERVING));
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not in " + PATIENCE + ": " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }
}
