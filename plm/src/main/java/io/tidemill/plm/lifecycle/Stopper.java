package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Ends an instance's processes in order: workers first, while the servers are there to take their
 * reports; then the PLM, so that nothing is accepted any more; then the Main Scheduler and the
 * Register. Who does not go in time is killed: nothing that was accepted is lost by that.
 */
final class Stopper {
  static final Duration DRAIN_LIMIT = Duration.ofSeconds(35);
  static final Duration SERVER_LIMIT = Duration.ofSeconds(10);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
  private static final Duration ALL_LIMIT = DRAIN_LIMIT.plus(SERVER_LIMIT.multipliedBy(4));
  private static final long LOOK_MILLIS = 50;

  private final DataDir dir;
  private final Consumer<String> say;
  private final long deadline;

  /**
   * @param say told what was done, a process a line
   */
  Stopper(DataDir dir, Consumer<String> say) {
    this(dir, say, System.nanoTime() + ALL_LIMIT.toNanos());
  }

  /**
   * @param deadline monotonic, for all together; what remains then is killed
   */
  Stopper(DataDir dir, Consumer<String> say, long deadline) {
    this.dir = dir;
    this.say = say;
    this.deadline = deadline;
  }

  /**
   * Stops what runs.
   *
   * @param meanwhile goes on while workers drain
   */
  void stop(Runnable meanwhile) throws InterruptedException {
    end(workers(), DRAIN_LIMIT, "drained and stopped", meanwhile);
    for (Role role : Role.servers()) {
      end(servers(role), SERVER_LIMIT, "stopped", () -> {});
    }
  }

  /** Stops what runs without a supervisor. */
  void stop() throws InterruptedException {
    stop(() -> {});
  }

  /** What still runs. */
  List<Member> remaining() {
    List<Member> all = workers();
    for (Role role : Role.servers()) {
      all.addAll(servers(role));
    }
    return all;
  }

  private List<Member> workers() {
    return Member.of(dir.root()).stream()
        .filter(Member::isWorker)
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** The one that holds the lock, and one that may be on its way to it. */
  private List<Member> servers(Role role) {
    List<Member> found =
        Member.of(dir.root()).stream()
            .filter(member -> member.name().equals(role.label()))
            .collect(Collectors.toCollection(ArrayList::new));
    Running.of(RoleLock.holder(dir.lock(role)))
        .map(holder -> new Member(role.label(), holder))
        .filter(holder -> !found.contains(holder))
        .ifPresent(found::add);
    return found;
  }

  private void end(List<Member> members, Duration limit, String done, Runnable meanwhile)
      throws InterruptedException {
    long began = System.nanoTime();
    long limitAt = Math.min(began + limit.toNanos(), deadline);
    members.forEach(member -> member.running().terminate());
    while (!members.isEmpty() && System.nanoTime() - limitAt < 0) {
      meanwhile.run();
      awaitEnds(members, done);
    }
    members.forEach(member -> member.running().kill());
    long killedAt = System.nanoTime();
    long waited = Duration.ofNanos(killedAt - began).toSeconds();
    while (!members.isEmpty() && System.nanoTime() - killedAt < KILL_LIMIT.toNanos()) {
      awaitEnds(members, "had not stopped after " + waited + " s and was killed");
    }
  }

  private void awaitEnds(List<Member> members, String done) throws InterruptedException {
    members.removeIf(member -> hasEnded(member, done));
    if (!members.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private boolean hasEnded(Member member, String done) {
    if (member.running().lives()) {
      return false;
    }
    say.accept(member.name() + " " + done);
    return true;
  }
}
