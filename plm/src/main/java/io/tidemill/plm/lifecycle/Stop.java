package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Stops an instance from outside: asks its supervisor to, and passes on what that says; does it
 * itself where there is none, or none that can hear.
 */
final class Stop {
  static final Duration LIMIT = Duration.ofSeconds(90);
  private static final long LOOK_MILLIS = 50;

  private final DataDir dir;
  private final RunFiles files;
  private final Consumer<String> say;
  private final Duration limit;
  private int said;

  /**
   * @param say told what was done, a process a line
   * @param limit what runs after that is killed
   */
  Stop(DataDir dir, Consumer<String> say, Duration limit) {
    this.dir = dir;
    this.files = new RunFiles(dir);
    this.say = say;
    this.limit = limit;
  }

  /** Whether anything of the instance runs. */
  boolean isNeeded() {
    return supervisor().isPresent() || !new Stopper(dir, say).remaining().isEmpty();
  }

  /** Answers what could not be ended: nothing, as a rule. */
  List<Member> run() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    Optional<Running> supervisor = supervisor();
    if (supervisor.isPresent()) {
      files.forgetStop();
      endSupervisor(supervisor.get(), deadline);
      passOn();
    }
    Stopper stopper = new Stopper(dir, say, deadline);
    stopper.stop();
    List<Member> remaining = stopper.remaining();
    if (remaining.isEmpty()) {
      files.forgetProcesses();
    }
    return remaining;
  }

  /** The one that holds the lock, or is on its way to it. */
  private Optional<Running> supervisor() {
    Optional<Running> holder = Running.of(RoleLock.holder(dir.lock(Role.SUPERVISOR)));
    return holder.or(
        () ->
            Member.of(dir.root()).stream()
                .filter(member -> member.name().equals(Role.SUPERVISOR.label()))
                .map(Member::running)
                .findFirst());
  }

  private void endSupervisor(Running supervisor, long deadline)
      throws IOException, InterruptedException {
    supervisor.terminate();
    while (supervisor.lives() && !supervisor.isPaused() && System.nanoTime() - deadline < 0) {
      passOn();
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    if (supervisor.lives()) {
      supervisor.kill();
      say.accept("supervisor did not answer and was killed");
      awaitEnd(supervisor);
    } else {
      passOn();
      say.accept("supervisor stopped");
    }
  }

  private static void awaitEnd(Running killed) throws InterruptedException {
    while (killed.lives()) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private void passOn() throws IOException {
    String account = files.stopped();
    int whole = account.lastIndexOf('\n') + 1;
    if (whole > said) {
      account.substring(said, whole).lines().forEach(say);
      said = whole;
    }
  }
}
