package io.tidemill.cli;

import io.tidemill.cli.text.ProgressLine;
import io.tidemill.cli.text.Units;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.SessionStatus;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.v1.TaskSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.Supplier;

/**
 * A command's session with its progress line and its limit of patience: a run that makes no
 * progress for the wait's timeout is given up, so that nothing hangs for ever where the user named
 * a time.
 */
final class SessionRun implements AutoCloseable {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private final TaskSession session;
  private final Account account;
  private final Ledger ledger;
  private final Duration patience;
  private final ProgressLine progress;
  private volatile boolean givenUp;

  /**
   * Opens the session; ends the command if the server is not there. {@code total} below 1: not
   * known.
   */
  static SessionRun open(
      Cli cli,
      TidemillClient client,
      SessionOptions options,
      Account account,
      Ledger ledger,
      long total,
      Duration patience)
      throws InterruptedException {
    TaskSession session = client.openSession(options);
    if (!session.awaitOpened(cli.options.connectTimeout)) {
      TidemillException error = session.status().lastError();
      session.close();
      throw new CliException(
          error == null ? ExitCodes.UNREACHABLE : unreachable(error),
          error == null
              ? "cannot reach the PLM: address=" + cli.addresses().plm() + "; is it running?"
              : error.getMessage());
    }
    return new SessionRun(cli, session, account, ledger, total, patience);
  }

  private static int unreachable(TidemillException error) {
    int code = ExitCodes.of(error.code());
    return code == ExitCodes.FAILURE ? ExitCodes.UNREACHABLE : code;
  }

  private SessionRun(
      Cli cli, TaskSession session, Account account, Ledger ledger, long total, Duration patience) {
    this.session = session;
    this.account = account;
    this.ledger = ledger;
    this.patience = patience;
    Supplier<String> text = () -> text(account, session.status(), total);
    progress = new ProgressLine(cli.err(), cli.canDraw(), text, this::eachTime);
  }

  /** The progress line's words. */
  static String text(Account account, SessionStatus status, long total) {
    long done = account.doneCount();
    String away =
        status.brokenSinceMillis() == 0
            ? ""
            : "  unreachable since "
                + CLOCK.format(Instant.ofEpochMilli(status.brokenSinceMillis()));
    return ProgressLine.bar(done, total)
        + Units.count(done)
        + (total > 0 ? " of " + Units.count(total) : "")
        + "  "
        + Units.rate(account.perSecond())
        + "/s  p50 "
        + Units.micros(account.latencies().micros(50))
        + away;
  }

  private void eachTime() {
    if (ledger != null) {
      ledger.flush();
    }
    if (account.nanosWithoutProgress() > patience.toNanos() && session.status().outstanding() > 0) {
      givenUp = true;
      session.close();
    }
  }

  /** Submits; returns false if the run was given up. */
  boolean submit(TaskSpec spec, ResultListener listener) throws InterruptedException {
    try {
      session.submit(spec, listener);
      account.submitted();
      return true;
    } catch (IllegalStateException e) {
      return over(e);
    }
  }

  boolean submit(TaskSpec spec) throws InterruptedException {
    return submit(spec, account);
  }

  /** The session is closed: by us, for want of progress, or by the server, for good. */
  private boolean over(IllegalStateException closed) {
    if (givenUp) {
      return false;
    }
    throw new CliException(ExitCodes.FAILURE, closed.getMessage());
  }

  /**
   * Waits for the last callback, or until the patience is at its end; then takes the progress line
   * away.
   */
  void finish() throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    boolean quiet = false;
    while (!quiet && end - System.nanoTime() > 0 && !session.status().closed()) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      quiet = session.awaitQuiet(left);
    }
    boolean endedByServer = session.status().closed() && !givenUp;
    session.close();
    progress.close();
    if (endedByServer) {
      TidemillException error = session.status().lastError();
      throw new CliException(
          ExitCodes.FAILURE, "the session ended: " + (error == null ? "" : error.getMessage()));
    }
  }

  /** Whether nothing more can be submitted: it was given up, or the server ended it. */
  boolean isOver() {
    return session.status().closed();
  }

  long contradictions() {
    return session.status().contradictions();
  }

  long breaks() {
    return session.status().breaks();
  }

  @Override
  public void close() {
    session.close();
    progress.close();
  }
}
