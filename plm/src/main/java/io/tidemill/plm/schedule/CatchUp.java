package io.tidemill.plm.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Which occurrences are made up for after a downtime.
 *
 * @param graceMillis an occurrence that is at most so late is not missed: it is just late
 * @param most of those missed the last so many are made up for
 */
public record CatchUp(long graceMillis, int most) {
  private static final long WINDOW_MILLIS = 60_000;

  /**
   * What is to be done with those missed.
   *
   * @param made occurrences to be submitted, in order
   * @param through all up to here are settled with that
   */
  public record Plan(List<Long> made, long through) {}

  /**
   * Looks for occurrences that were missed.
   *
   * @param settled all up to here are settled
   * @param now the wall clock
   * @param jitterMillis by so much an occurrence may be late on purpose
   * @return null: none was missed
   */
  public Plan missed(CronTimes times, long settled, long now, long jitterMillis) {
    long before = now - graceMillis - jitterMillis;
    if (settled >= before || times.nextAfter(settled) >= before) {
      return null;
    }
    return new Plan(most == 0 ? List.of() : last(times, settled, before), before - 1);
  }

  /**
   * The last ones in (settled, before). Looks back through windows that grow, since what lies
   * before may be a million.
   */
  private List<Long> last(CronTimes times, long settled, long before) {
    for (long window = WINDOW_MILLIS; ; window *= 2) {
      long from = Math.max(settled, before - 1 - window);
      List<Long> found = within(times, from, before);
      if (found.size() >= most || from == settled) {
        return found.subList(Math.max(0, found.size() - most), found.size());
      }
    }
  }

  private static List<Long> within(CronTimes times, long from, long before) {
    List<Long> found = new ArrayList<>();
    long at = times.nextAfter(from);
    while (at < before) {
      found.add(at);
      at = times.nextAfter(at);
    }
    return found;
  }
}
