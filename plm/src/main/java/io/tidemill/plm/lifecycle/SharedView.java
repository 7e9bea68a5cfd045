package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Role;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mapped files as somebody has them open who is none of their servers. The servers may make
 * them anew at any time: who asks names the process that he means, and files in which it does not
 * stand are looked up again. For one thread.
 */
final class SharedView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedView.class);
  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(50).toNanos();

  private final DataDir dir;
  private Regions regions;
  private long lookedAt;

  SharedView(DataDir dir) {
    this.dir = dir;
    this.lookedAt = System.nanoTime() - LOOK_AGAIN_NANOS;
  }

  /** The files that this process works on; empty while it has not entered any. */
  Optional<Regions> of(Role role, long pid) {
    if (!holds(role, pid)) {
      lookAgain();
    }
    return holds(role, pid) ? Optional.of(regions) : Optional.empty();
  }

  /** The files that were looked up last. */
  Optional<Regions> latest() {
    return Optional.ofNullable(regions);
  }

  private boolean holds(Role role, long pid) {
    return regions != null && regions.control().pid(role) == pid;
  }

  private void lookAgain() {
    long now = System.nanoTime();
    if (now - lookedAt >= LOOK_AGAIN_NANOS) {
      lookedAt = now;
      attach().ifPresent(this::replace);
    }
  }

  /**
   * A supervisor that sees no memory still sees deaths, so it goes on. One that is asked to stop
   * before it has ever looked cannot load what maps files any more, since that would add a shutdown
   * hook of its own to those that run: it does without, too, and stops the others.
   */
  private Optional<Regions> attach() {
    try {
      return Instance.attach(dir);
    } catch (InstanceException | LinkageError e) {
      LOG.warn("cannot look into the memory, trying again: cause=\"{}\"", e.getMessage());
      return Optional.empty();
    }
  }

  private void replace(Regions found) {
    close();
    regions = found;
  }

  @Override
  public void close() {
    if (regions != null) {
      regions.close();
      regions = null;
    }
  }
}
