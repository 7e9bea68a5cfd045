package io.tidemill.cli.top;

import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.WorkerInfo;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Asks both servers and makes the next snapshot out of the last one and what they say. Used by one
 * thread.
 */
public final class Poller {
  private final TidemillClient client;
  private final LongSupplier clock;
  private Snapshot last;

  /**
   * @param client should be hasty: a call that waits holds the picture up
   * @param clock wall clock in milliseconds
   */
  public Poller(TidemillClient client, String plm, String register, LongSupplier clock) {
    this.client = client;
    this.clock = clock;
    this.last = Snapshot.empty(clock.getAsLong(), plm, register);
  }

  public Snapshot poll() {
    GetStatsResponse stats = last.stats();
    List<WorkerInfo> workers = last.workers();
    Snapshot.Link plm = last.plm();
    Snapshot.Link register = last.register();
    try {
      stats = client.stats();
      plm = new Snapshot.Link(plm.address(), 0, "");
    } catch (TidemillException e) {
      plm = away(plm, e);
    }
    try {
      workers = client.workers(true);
      register = new Snapshot.Link(register.address(), 0, "");
    } catch (TidemillException e) {
      register = away(register, e);
    }
    last = new Snapshot(clock.getAsLong(), stats, workers, plm, register);
    return last;
  }

  private Snapshot.Link away(Snapshot.Link before, TidemillException error) {
    long since = before.isAway() ? before.awaySinceMillis() : clock.getAsLong();
    return new Snapshot.Link(before.address(), since, error.getMessage());
  }
}
