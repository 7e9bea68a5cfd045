package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Replaces the processes of an instance by those of the release that runs this, one after the
 * other, while the rest goes on: the supervisor first, then each server, then each worker when it
 * has ended what it had begun. Clients and other hosts' workers connect again by themselves.
 *
 * <p>A death of this process leaves an instance of both releases, which runs; the same command
 * again takes it to its end.
 */
final class Upgrade {
  /** The one that clients notice comes last, when what it hands on to has been proven. */
  private static final List<Role> ORDER = List.of(Role.REGISTER, Role.SCHEDULER, Role.PLM);

  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final long LOOK_MILLIS = 20;

  private final DataDir dir;
  private final RunFiles files;
  private final Settings settings;
  private final Launcher launcher;
  private final WantedWorkers wanted;
  private final Duration workerLimit;
  private final PrintStream out;
  private double longestStall;

  /**
   * @param workerLimit how long to wait for a worker to end its tasks; one that needs longer is
   *     replaced when it has
   * @throws InstanceException if the folder holds no instance
   */
  Upgrade(
      Path data,
      Duration workerLimit,
      Programs programs,
      Map<String, String> environment,
      PrintStream out)
      throws IOException {
    this.settings = Settings.load(Map.of(), Map.of(), data);
    this.dir = Folders.existing(data, settings.text(Key.SHM_DIR));
    this.files = new RunFiles(dir);
    this.launcher = new Launcher(dir, programs, environment);
    this.wanted =
        WantedWorkers.read(files.workers())
            .orElse(new WantedWorkers(WantedWorkers.DEFAULT_COUNT, 0));
    this.workerLimit = workerLimit;
    this.out = out;
  }

  /** Answers the exit code. */
  int run() throws IOException, InterruptedException {
    try (RoleLock alone = RoleLock.acquire(files.startLock());
        Health health = new Health(dir, settings, wanted)) {
      Running supervisor = refuseUnlessFit();
      out.println("upgrading: data=" + dir.root() + "; tasks go on meanwhile");
      replaceSupervisor(supervisor);
      for (Role role : ORDER) {
        replaceServer(role, health);
      }
      for (String worker : wanted.names()) {
        replaceWorker(worker, health);
      }
    }
    out.printf(Locale.ROOT, "upgraded; the longest stall of a server: %.1f s%n", longestStall);
    return ExitCode.OK;
  }

  /** All that can be found wrong before a process is ended; answers the supervisor. */
  private Running refuseUnlessFit() {
    Optional<Running> supervisor = Running.of(RoleLock.holder(dir.lock(Role.SUPERVISOR)));
    if (supervisor.isEmpty()) {
      throw new InstanceException(
          "nothing is running, so there is nothing to upgrade: data="
              + dir.root()
              + "; scripts/start-all.sh starts it with this release");
    }
    refuseOtherLayout();
    return supervisor.get();
  }

  /** Processes of both releases share the mapped files for a while. */
  private void refuseOtherLayout() {
    try {
      Instance.attach(dir).ifPresent(Regions::close);
    } catch (InstanceException e) {
      throw new InstanceException(
          "this release cannot take over the mapped files while they are in use: "
              + e.getMessage()
              + "; stop it with scripts/stop-all.sh and start it with this release's"
              + " scripts/start-all.sh: what was accepted is kept");
    }
  }

  /** Killed, since one that is asked to end would stop the instance; its children go on. */
  private void replaceSupervisor(Running former) throws IOException, InterruptedException {
    former.kill();
    while (former.lives()) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    Launched launched = launcher.supervisor();
    long pid = launched.process().pid();
    try (SharedView shared = new SharedView(dir)) {
      // It presents itself once it has taken over what runs.
      while (shared.of(Role.SUPERVISOR, pid).isEmpty()) {
        if (!launched.process().isAlive()) {
          throw new InstanceException(
              "the supervisor of this release ended: "
                  + launched.out().lastSentence().orElse("look into " + launched.out().file())
                  + "; what runs goes on, with nobody to start it again: scripts/start-all.sh of"
                  + " the former release takes it over");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }
    out.println("  supervisor: pid=" + former.pid() + " -> " + pid);
  }

  private void replaceServer(Role role, Health health) throws IOException, InterruptedException {
    Running former =
        Running.of(RoleLock.holder(dir.lock(role)))
            .orElseThrow(() -> new InstanceException(role.label() + " ended; run this again"));
    double seconds =
        replace(role.label(), former, health, START_LIMIT)
            .orElseThrow(
                () ->
                    new InstanceException(
                        role.label()
                            + " of this release has not started: limit_s="
                            + START_LIMIT.toSeconds()
                            + "; look into its log; "
                            + wayBack()));
    longestStall = Math.max(longestStall, seconds);
  }

  private void replaceWorker(String name, Health health) throws IOException, InterruptedException {
    Optional<Running> former = Running.of(files.pid(name));
    if (former.isEmpty() || files.isDrained(name)) {
      return;
    }
    files.replace(name);
    if (replace(name, former.get(), health, workerLimit).isEmpty()) {
      out.println("  " + name + ": still runs tasks; it is replaced when they have ended");
    }
  }

  /** Answers how long it was away, in seconds; empty if that takes longer than it may. */
  private Optional<Double> replace(String name, Running former, Health health, Duration limit)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    former.terminate();
    while (true) {
      int pid = health.look().getOrDefault(name, 0);
      double seconds = (System.nanoTime() - began) / 1e9;
      if (pid != 0 && pid != former.pid()) {
        out.printf(Locale.ROOT, "  %s: pid=%d -> %d (%.1f s)%n", name, former.pid(), pid, seconds);
        return Optional.of(seconds);
      }
      Optional<String> failed = files.failed(name);
      if (failed.isPresent()) {
        throw new InstanceException(
            name + " of this release does not start: " + failed.get() + "; " + wayBack());
      }
      if (seconds > limit.toSeconds()) {
        return Optional.empty();
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private static String wayBack() {
    return "nothing accepted is lost: the former release's scripts/upgrade-all.sh goes back";
  }
}
