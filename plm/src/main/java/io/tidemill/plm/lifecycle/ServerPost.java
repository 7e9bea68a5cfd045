package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a server. Another one is started only once the kernel has freed the role's lock:
 * until then the old one may still store to the mapped files. One that does not turn its loop, or
 * does not come to serve, is killed first.
 */
final class ServerPost extends Post {
  private static final Logger LOG = LoggerFactory.getLogger(ServerPost.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int START_LIMIT_DOUBLINGS = 5;

  private final Role role;
  private final Path lock;
  private final Launcher launcher;
  private final SharedView shared;
  private final long stallLimitNanos;

  private StallWatch stall;
  private boolean serving;
  private long startingNanos;
  private int slowStarts;

  ServerPost(
      Role role,
      DataDir dir,
      Launcher launcher,
      SharedView shared,
      Duration stallLimit,
      Duration restartWaitMost,
      Runnable nudge) {
    super(role.label(), new RunFiles(dir), restartWaitMost, nudge);
    this.role = role;
    this.lock = dir.lock(role);
    this.launcher = launcher;
    this.shared = shared;
    this.stallLimitNanos = stallLimit.toNanos();
  }

  @Override
  Launched launch() throws IOException {
    return launcher.server(role);
  }

  @Override
  boolean isTaken() {
    return RoleLock.holder(lock) != 0;
  }

  @Override
  Optional<Running> incumbent() {
    return Running.of(RoleLock.holder(lock));
  }

  @Override
  void entered() {
    stall = new StallWatch(stallLimitNanos);
    serving = false;
    startingNanos = 0;
  }

  @Override
  void watch(long observedNanos) {
    Optional<Control> control =
        running().flatMap(process -> shared.of(role, process.pid())).map(Regions::control);
    if (control.isPresent() && control.get().phase(role) == Phase.SERVING) {
      served(control.get().beats(role), observedNanos);
    } else {
      startingNanos += observedNanos;
      if (startingNanos > startLimit().toNanos()) {
        slowStarts = Math.min(slowStarts + 1, START_LIMIT_DOUBLINGS);
        kill("does not come to serve");
      }
    }
  }

  private void served(long beats, long observedNanos) {
    if (!serving) {
      serving = true;
      slowStarts = 0;
      files().notFailed(name());
      LOG.info("serves: process={}", name());
    }
    if (stall.isStalled(beats, observedNanos)) {
      kill(
          "stalls: its loop has not turned for "
              + Duration.ofNanos(stallLimitNanos).toMillis()
              + " ms");
    }
  }

  /**
   * Doubled each time that it was too short, since a long journal takes long to read, on every
   * start anew.
   */
  private Duration startLimit() {
    return START_LIMIT.multipliedBy(1L << slowStarts);
  }

  /** The survivors look for what it left half done, whether or not another one comes. */
  @Override
  boolean left(Optional<Integer> exit) {
    shared.latest().ifPresent(this::askSurvivorsToSweep);
    return true;
  }

  private void askSurvivorsToSweep(Regions regions) {
    for (Role other : Role.servers()) {
      if (other != role) {
        regions.control().askSweep(other);
        regions.wakeUp(other).wake();
      }
    }
  }
}
