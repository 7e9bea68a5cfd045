package io.tidemill.cli.top;

import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.WorkerInfo;
import java.util.List;

/**
 * What the console knows at one moment. Of a server that does not answer the last words are kept.
 *
 * @param timeMillis when it was taken, wall clock
 * @param stats the PLM's last figures; the default instance before the first
 * @param workers the Register's last listing
 * @param plm how the PLM fares
 * @param register how the Register fares
 */
public record Snapshot(
    long timeMillis, GetStatsResponse stats, List<WorkerInfo> workers, Link plm, Link register) {
  /**
   * One server as seen from here.
   *
   * @param awaySinceMillis wall clock since when it has not answered; 0: it answers
   */
  public record Link(String address, long awaySinceMillis, String error) {
    public boolean isAway() {
      return awaySinceMillis != 0;
    }
  }

  /** Nothing is known yet. */
  public static Snapshot empty(long timeMillis, String plm, String register) {
    return new Snapshot(
        timeMillis,
        GetStatsResponse.getDefaultInstance(),
        List.of(),
        new Link(plm, 0, ""),
        new Link(register, 0, ""));
  }
}
