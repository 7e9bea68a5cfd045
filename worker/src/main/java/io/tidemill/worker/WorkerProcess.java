package io.tidemill.worker;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** A worker as what its process is for: until it is drained by a signal or by the Register. */
final class WorkerProcess {
  private static final int EXIT_DRAINED = 0;
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_ID_TAKEN = 3;

  private final TidemillWorker worker;
  private final Duration drainTimeout;
  private final PrintWriter err;

  /**
   * @param drainTimeout how long a drain by a signal may take
   * @param err told how it ended
   */
  WorkerProcess(TidemillWorker worker, Duration drainTimeout, PrintWriter err) {
    this.worker = worker;
    this.drainTimeout = drainTimeout;
    this.err = err;
  }

  /** Answers the exit code, unless a signal ends the process. */
  int run() throws InterruptedException {
    Thread drainOnSignal = new Thread(this::drainAndHalt, "tidemill-worker-signal");
    Runtime.getRuntime().addShutdownHook(drainOnSignal);
    worker.start();
    WorkerEnd end = awaitEnd();
    try {
      Runtime.getRuntime().removeShutdownHook(drainOnSignal);
    } catch (IllegalStateException signalled) {
      // The hook says how it ended, and ends the process.
      drainOnSignal.join();
    }
    say(err, end.message());
    return exitCode(end);
  }

  private WorkerEnd awaitEnd() throws InterruptedException {
    while (true) {
      Optional<WorkerEnd> end = worker.awaitEnd(Duration.ofHours(1));
      if (end.isPresent()) {
        return end.get();
      }
    }
  }

  /**
   * A process ended by a signal has the signal's exit code whatever its hooks do, unless one of
   * them halts it.
   */
  private void drainAndHalt() {
    worker.drain(drainTimeout);
    WorkerEnd end = worker.end().join();
    say(err, end.message());
    System.out.flush();
    Runtime.getRuntime().halt(exitCode(end));
  }

  static void say(PrintWriter err, String sentence) {
    err.println(sentence);
    err.flush();
  }

  private static int exitCode(WorkerEnd end) {
    return switch (end.kind()) {
      case DRAINED -> EXIT_DRAINED;
      case ID_TAKEN -> EXIT_ID_TAKEN;
      case DRAIN_TIMED_OUT, REFUSED, CLOSED -> EXIT_FAILED;
    };
  }
}
