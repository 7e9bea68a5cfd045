package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * One start: prepares the folder, and waits until all are healthy. Where there is no supervisor,
 * this process becomes it.
 */
final class Start {
  private final StartOptions options;
  private final Programs programs;
  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;
  private final Settings settings;
  private final DataDir dir;
  private final RunFiles files;
  private final Optional<Caller> caller;
  private final AtomicReference<String> failure = new AtomicReference<>();

  /**
   * @throws InstanceException if the folder is not fit
   */
  Start(
      StartOptions options,
      Programs programs,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err)
      throws IOException {
    this.options = options;
    this.programs = programs;
    this.environment = environment;
    this.out = out;
    this.err = err;
    this.settings = Settings.load(options.settings(), environment, options.data());
    this.dir = Folders.prepare(options.data(), settings.text(Key.SHM_DIR));
    this.caller = options.answer().map(descriptor -> Caller.on(dir, descriptor));
    this.files = new RunFiles(dir);
  }

  /** Answers the exit code. */
  int run() throws IOException, InterruptedException {
    Supervisor supervisor;
    try (RoleLock alone = awaitOtherStarts()) {
      int running = RoleLock.holder(dir.lock(Role.SUPERVISOR));
      if (running != 0) {
        return join(running);
      }
      boolean fresh = live().isEmpty();
      WantedWorkers wanted = prepare(fresh);
      supervisor =
          Supervisor.enter(dir, settings, wanted, new Launcher(dir, programs, environment));
      announceBeside(supervisor, wanted, fresh);
    }
    return supervise(supervisor);
  }

  private RoleLock awaitOtherStarts() throws IOException {
    Optional<RoleLock> lock = RoleLock.tryAcquire(files.startLock());
    if (lock.isPresent()) {
      return lock.get();
    }
    err.println("waiting for another start: data=" + dir.root());
    return RoleLock.acquire(files.startLock());
  }

  /** An instance that runs is left as it is. */
  private int join(int supervisor) throws IOException, InterruptedException {
    refuseOtherSettings();
    WantedWorkers wanted =
        WantedWorkers.read(files.workers())
            .orElse(new WantedWorkers(WantedWorkers.DEFAULT_COUNT, 0));
    Optional<Running> process = Running.of(supervisor);
    try (Health health = new Health(dir, settings, wanted)) {
      Healthy healthy = new Healthy(dir, health, err);
      Optional<String> failed = healthy.await(() -> process.isPresent() && process.get().lives());
      if (failed.isPresent()) {
        err.println("tidemill: it is running, but not healthy: " + failed.get());
        return ExitCode.FAILURE;
      }
      summary("it is already running", wanted).print(healthy.processes());
      health
          .drained()
          .forEach(
              id -> out.println("  " + id + " was drained; it comes back with the next start"));
    }
    sayIfOtherWorkers(wanted);
    return ExitCode.OK;
  }

  private void sayIfOtherWorkers(WantedWorkers wanted) {
    boolean other =
        options.workers().filter(count -> count != wanted.count()).isPresent()
            || options.capacity().filter(capacity -> capacity != wanted.capacity()).isPresent();
    if (other) {
      err.println(
          "note: it keeps the workers that it has: workers="
              + wanted.count()
              + (wanted.capacity() == 0 ? "" : " capacity=" + wanted.capacity())
              + "; for others, stop it and start it again");
    }
  }

  /** All that can be found wrong before a process is started. */
  private WantedWorkers prepare(boolean fresh) throws IOException {
    if (!fresh) {
      refuseOtherSettings();
    }
    List<Role> live = live();
    for (Role role : Role.servers()) {
      Optional<String> taken =
          live.contains(role) ? Optional.empty() : Ports.whyTaken(settings, role);
      if (taken.isPresent()) {
        throw new InstanceException(taken.get());
      }
    }
    writeSettings();
    WantedWorkers wanted = wanted(fresh);
    wanted.write(files.workers());
    files.forgetProcesses();
    return wanted;
  }

  /** As many workers as at the last start; with its capacity, if some of them may still run. */
  private WantedWorkers wanted(boolean fresh) throws IOException {
    WantedWorkers former =
        WantedWorkers.read(files.workers())
            .orElse(new WantedWorkers(WantedWorkers.DEFAULT_COUNT, 0));
    return new WantedWorkers(
        options.workers().orElse(former.count()),
        options.capacity().orElse(fresh ? 0 : former.capacity()));
  }

  private List<Role> live() {
    return Arrays.stream(Role.servers())
        .filter(role -> RoleLock.holder(dir.lock(role)) != 0)
        .toList();
  }

  /** What runs was started with the settings in the file, which are not changed below it. */
  private void refuseOtherSettings() throws IOException {
    Settings running = Settings.load(Map.of(), Map.of(), dir.root());
    String differences =
        Arrays.stream(Key.values())
            .filter(key -> !running.text(key).equals(settings.text(key)))
            .map(
                key -> key.key() + "=" + running.text(key) + " (asked: " + settings.text(key) + ")")
            .collect(Collectors.joining(", "));
    if (!differences.isEmpty()) {
      throw new InstanceException(
          "an instance with other settings is running on this folder: data="
              + dir.root()
              + " "
              + differences
              + "; stop it first, or name another folder with --data");
    }
  }

  /** Only where they differ from what the file says: it may hold a person's comments. */
  private void writeSettings() throws IOException {
    Path file = dir.root().resolve(Settings.FILE_NAME);
    List<String> lines = settings.lines();
    boolean asWritten =
        TextFile.read(file).isPresent()
            && Settings.load(Map.of(), Map.of(), dir.root()).lines().equals(lines);
    if (!asWritten) {
      TextFile.write(file, String.join("\n", lines) + "\n");
    }
  }

  /** Until the instance is to be stopped: here, or by whoever announces. */
  private int supervise(Supervisor supervisor) throws IOException, InterruptedException {
    if (caller.isEmpty()) {
      supervisor.tell(out::println);
    }
    SupervisorMain.runUntilSignalled(supervisor);
    if (failure.get() != null) {
      err.println("tidemill: " + failure.get());
      return ExitCode.FAILURE;
    }
    if (caller.isEmpty()) {
      out.println("all stopped: data=" + dir.root());
    }
    return ExitCode.OK;
  }

  /** Beside the supervisor, which has the calling thread. A fresh start that fails stops it. */
  private void announceBeside(Supervisor supervisor, WantedWorkers wanted, boolean fresh) {
    Thread thread =
        new Thread(
            () -> {
              Optional<String> failed = announceOrFail(supervisor, wanted);
              if (failed.isPresent() && fresh) {
                failure.compareAndSet(null, failed.get());
                supervisor.stop();
                return;
              }
              failed.ifPresent(sentence -> err.println("tidemill: " + sentence));
              int code = failed.isPresent() ? ExitCode.FAILURE : ExitCode.OK;
              caller.ifPresent(waits -> waits.leave(code));
            },
            "announce");
    thread.setDaemon(true);
    thread.start();
  }

  private Optional<String> announceOrFail(Supervisor supervisor, WantedWorkers wanted) {
    try {
      return announce(supervisor::isRunning, wanted);
    } catch (IOException | InterruptedException e) {
      return Optional.of("cannot see whether it is healthy: cause=" + e);
    }
  }

  private Optional<String> announce(BooleanSupplier alive, WantedWorkers wanted)
      throws IOException, InterruptedException {
    try (Health health = new Health(dir, settings, wanted)) {
      Healthy healthy = new Healthy(dir, health, err);
      Optional<String> failed = healthy.await(alive);
      if (failed.isEmpty()) {
        summary("it is running", wanted).print(healthy.processes());
      }
      return failed;
    }
  }

  private Summary summary(String title, WantedWorkers wanted) {
    return new Summary(title, dir, settings, wanted, environment, out);
  }
}
