package io.tidemill.plm.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place in the instance that one process is to fill: sees that there is one, and starts another
 * when it is gone. Turned by the supervisor's thread alone.
 */
abstract class Post {
  private static final Logger LOG = LoggerFactory.getLogger(Post.class);
  private static final int EXIT_KILLED = 128 + 9;
  private static final int EXIT_TERMINATED = 128 + 15;

  private final String name;
  private final RunFiles files;
  private final Runnable nudge;
  private final Backoff backoff;

  private Running running;
  private Launched launched;
  private long since;
  private boolean killed;

  /**
   * @param restartWaitMost the longest wait before what keeps ending is started again
   * @param nudge to be run by any thread when a process has ended
   */
  Post(String name, RunFiles files, Duration restartWaitMost, Runnable nudge) {
    this.name = name;
    this.backoff = new Backoff(restartWaitMost);
    this.files = files;
    this.nudge = nudge;
  }

  // What the kinds of posts differ in.

  /** Starts a process. */
  abstract Launched launch() throws IOException;

  /** Whether a process fills the post that this supervisor need not have started. */
  abstract boolean isTaken();

  /** The process that fills it then; empty if it is just leaving. */
  abstract Optional<Running> incumbent();

  /** Another process fills the post now. */
  abstract void entered();

  /** The post's process lives: whether it does what it should. */
  abstract void watch(long observedNanos);

  /**
   * The post's process is gone.
   *
   * @param exit how it ended, if that is known
   * @return whether the post is to be filled again
   */
  abstract boolean left(Optional<Integer> exit);

  // What they have in common.

  final String name() {
    return name;
  }

  final RunFiles files() {
    return files;
  }

  final Optional<Running> running() {
    return Optional.ofNullable(running);
  }

  final Backoff backoff() {
    return backoff;
  }

  /** A process that lived before this supervisor. */
  final void adopt(Running found) {
    enter(found, null);
    LOG.info("adopted: process={} pid={}", name, found.pid());
  }

  /**
   * One look.
   *
   * @param observedNanos the time since the last look that the supervisor was awake for
   */
  final void turn(long now, long observedNanos) {
    if (running != null && !lives()) {
      ended(now);
    }
    if (running != null) {
      watch(observedNanos);
    } else if (isTaken()) {
      Optional<Running> found = incumbent();
      if (found.isPresent()) {
        adopt(found.get());
      }
    } else if (isWanted() && backoff.isDue(now)) {
      start(now);
    }
  }

  boolean isWanted() {
    return true;
  }

  final void kill(String why) {
    if (!killed) {
      killed = true;
      LOG.warn("killing: process={} pid={} reason=\"{}\"", name, running.pid(), why);
      running.kill();
    }
  }

  private boolean lives() {
    return launched != null ? launched.process().isAlive() : running.lives();
  }

  private void start(long now) {
    try {
      Launched fresh = launch();
      long pid = fresh.process().pid();
      Optional<Running> started = Running.of(pid);
      // One that is gone already has no start time left to tell; it is seen as ended at the next
      // turn.
      enter(started.orElse(new Running((int) pid, 0)), fresh);
      var unused = fresh.process().onExit().thenRun(nudge);
      LOG.info("started: process={} pid={}", name, pid);
    } catch (IOException e) {
      backoff.ended(now, now);
      failed("cannot start a process: " + e.getMessage());
    }
  }

  private void enter(Running process, Launched child) {
    running = process;
    launched = child;
    since = System.nanoTime();
    killed = false;
    files.pid(name, process.pid());
    entered();
  }

  private void ended(long now) {
    Optional<Integer> exit = Optional.ofNullable(launched).map(l -> l.process().exitValue());
    backoff.ended(since, now);
    boolean again = left(exit);
    if (exit.isPresent() && isFailure(exit.get()) && !isTaken()) {
      noteFailure(exit.get());
    }
    LOG.warn(
        "ended: process={} pid={} exit={} lived_ms={} next_start_ms={}",
        name,
        running.pid(),
        exit.map(Object::toString).orElse("unknown"),
        Duration.ofNanos(now - since).toMillis(),
        again ? Long.toString(backoff.delay().toMillis()) : "none");
    files.noPid(name);
    running = null;
    launched = null;
  }

  /** Why a process ended by itself; for a log, and for whoever waits for its start. */
  private void noteFailure(int exit) {
    String sentence =
        launched.out().lastSentence().orElseGet(() -> withoutAWord(exit, launched.out().file()));
    if (isHopeless(exit, sentence)) {
      backoff.hopeless();
    }
    failed(sentence);
  }

  private static String withoutAWord(int exit, Path out) {
    long room = out.toFile().getUsableSpace();
    String what = "it ended without a word: exit=" + exit;
    return room < OutFile.ROOM_FOR_WORDS
        ? what
            + ", and the disk is full: path="
            + out.getParent()
            + " available_bytes="
            + room
            + "; free some"
        : what + "; look into " + out;
  }

  private void failed(String sentence) {
    LOG.error("failed: process={} sentence=\"{}\"", name, sentence);
    files.failed(name, sentence);
  }

  private static boolean isFailure(int exit) {
    return exit != 0 && exit != EXIT_KILLED && exit != EXIT_TERMINATED;
  }

  /** Wrong options, or mapped files of another release: only a person can change that. */
  private static boolean isHopeless(int exit, String sentence) {
    return exit == 2 || sentence.contains("another layout");
  }
}
