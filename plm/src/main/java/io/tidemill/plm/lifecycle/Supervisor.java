package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an instance's processes running: a small process that knows nothing of tasks. Its own death
 * leaves the others as they are, and the next supervisor takes them over.
 */
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration TURN = Duration.ofMillis(100);

  private final DataDir dir;
  private final RunFiles files;
  private final RoleLock lock;
  private final SharedView shared;
  private final List<ServerPost> servers = new ArrayList<>();
  private final List<WorkerPost> workers = new ArrayList<>();
  private final Semaphore nudge = new Semaphore(0);
  private volatile boolean stopped;
  private volatile Consumer<String> listener = line -> {};
  private long lastTurn = System.nanoTime();

  private Supervisor(
      DataDir dir, Settings settings, WantedWorkers wanted, Launcher launcher, RoleLock lock) {
    this.dir = dir;
    this.files = new RunFiles(dir);
    this.lock = lock;
    this.shared = new SharedView(dir);
    Duration stallLimit = Duration.ofMillis(settings.number(Key.STALL_LIMIT_MS));
    Duration waitMost = Duration.ofMillis(settings.number(Key.RESTART_WAIT_MAX_MS));
    for (Role role : Role.servers()) {
      servers.add(
          new ServerPost(role, dir, launcher, shared, stallLimit, waitMost, nudge::release));
    }
    for (String id : wanted.names()) {
      workers.add(
          new WorkerPost(id, wanted.capacity(), dir, launcher, shared, waitMost, nudge::release));
    }
  }

  /**
   * Takes the instance.
   *
   * @throws InstanceException if another supervisor has it
   */
  static Supervisor enter(DataDir dir, Settings settings, WantedWorkers wanted, Launcher launcher)
      throws IOException {
    RoleLock lock =
        RoleLock.tryAcquire(dir.lock(Role.SUPERVISOR))
            .orElseThrow(
                () ->
                    new InstanceException(
                        "another supervisor has the instance: data="
                            + dir.root()
                            + "; stop it, or name another folder with --data"));
    Supervisor supervisor = new Supervisor(dir, settings, wanted, launcher, lock);
    supervisor.takeOver();
    return supervisor;
  }

  /** What runs already: of an earlier supervisor, or started by hand. */
  private void takeOver() {
    files.forgetProcesses();
    files.pid(Role.SUPERVISOR.label(), ProcessHandle.current().pid());
    Map<String, Post> vacant =
        posts().stream().collect(Collectors.toMap(Post::name, Function.identity()));
    for (Member member : Member.of(dir.root())) {
      Post post = vacant.remove(member.name());
      if (post != null) {
        post.adopt(member.running());
      } else if (member.isWorker()) {
        LOG.info(
            "one too many, it drains: process={} pid={}", member.name(), member.running().pid());
        member.running().terminate();
      }
    }
  }

  /** Runs on the calling thread until {@link #stop}, then stops the instance. */
  void run() throws IOException, InterruptedException {
    LOG.info("supervising: data={} pid={}", dir.root(), ProcessHandle.current().pid());
    while (!stopped) {
      turn(posts());
      present();
      // Woken by the end of a child, and otherwise in time to see the end of an adopted process.
      if (nudge.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
        nudge.drainPermits();
      }
    }
    stopInstance();
  }

  /** Someone else who is told how a stop goes, a process a line. */
  void tell(Consumer<String> other) {
    listener = other;
  }

  /** Until it is asked to stop. */
  boolean isRunning() {
    return !stopped;
  }

  /** Any thread: the instance is to be stopped. */
  void stop() {
    stopped = true;
    nudge.release();
  }

  private void turn(List<? extends Post> some) {
    long now = System.nanoTime();
    long observed = Math.min(now - lastTurn, TURN.toNanos());
    lastTurn = now;
    for (Post post : some) {
      post.turn(now, observed);
    }
  }

  private List<Post> posts() {
    List<Post> posts = new ArrayList<>(servers);
    posts.addAll(workers);
    return posts;
  }

  /** Stands in the process table, for whoever looks at it. */
  private void present() {
    shared.latest().map(Regions::control).ifPresent(Supervisor::present);
  }

  private static void present(Control control) {
    long pid = ProcessHandle.current().pid();
    if (control.pid(Role.SUPERVISOR) != pid) {
      control.enter(Role.SUPERVISOR, pid, control.nowMillis());
      control.phase(Role.SUPERVISOR, Phase.SERVING);
    }
    control.beat(Role.SUPERVISOR);
  }

  private void stopInstance() throws IOException, InterruptedException {
    LOG.info("stopping: data={}", dir.root());
    files.forgetStop();
    // Workers need the servers to take their leave of.
    new Stopper(dir, this::account).stop(() -> turn(servers));
    files.forgetProcesses();
    shared.latest().ifPresent(regions -> regions.control().phase(Role.SUPERVISOR, Phase.STOPPED));
    shared.close();
    LOG.info("stopped: data={}", dir.root());
    lock.close();
  }

  private void account(String line) {
    LOG.info("stop: {}", line);
    files.stopped(line);
    listener.accept(line);
  }
}
