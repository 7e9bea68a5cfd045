package io.tidemill.replay;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * How a replay went. Everything is measured from when a job was to be submitted, whatever was late
 * (open loop).
 *
 * @param makespanMicros from the first intended submission to the last end
 * @param utilisation of the workers' places over the makespan, 0 to 1; 0 if these are not known
 * @param intendedPerSecond arrivals as they were meant, over the time of the arrivals
 * @param achievedPerSecond and as they were
 * @param lateMicros submissions, behind their time
 */
public record ReplayReport(
    long makespanMicros,
    double utilisation,
    double intendedPerSecond,
    double achievedPerSecond,
    Spread lateMicros,
    Spread waitMicros,
    Spread responseMicros,
    Spread slowdown) {

  /**
   * Takes the sum.
   *
   * @param places how many tasks all workers run at a time; 0: not known
   */
  public static ReplayReport of(Measures measures, int places) {
    Timeline timeline = measures.timeline();
    int[] done = measures.succeeded();
    int[] sent = sent(timeline);
    long first = Arrays.stream(sent).mapToLong(timeline::intendedMicros).min().orElse(0);
    long last = Arrays.stream(done).mapToLong(timeline::endedMicros).max().orElse(first);
    double work = Arrays.stream(done).mapToDouble(measures::runMicros).sum();
    long makespan = last - first;
    return new ReplayReport(
        makespan,
        places == 0 || makespan == 0 ? 0 : work / ((double) places * makespan),
        perSecond(sent, timeline::intendedMicros),
        perSecond(sent, timeline::sentMicros),
        spread(sent, i -> Math.max(0, timeline.sentMicros(i) - timeline.intendedMicros(i))),
        spread(done, measures::waitMicros),
        spread(done, measures::responseMicros),
        spread(done, measures::slowdown));
  }

  static int[] sent(Timeline timeline) {
    return IntStream.range(0, timeline.jobs())
        .filter(i -> timeline.state(i) != Timeline.State.UNSENT)
        .filter(i -> timeline.state(i) != Timeline.State.DROPPED)
        .toArray();
  }

  private static Spread spread(int[] jobs, IntToDoubleFunction value) {
    return Spread.of(Arrays.stream(jobs).mapToDouble(value));
  }

  /** Intervals a second between the first and the last; 0 if there is no time between them. */
  private static double perSecond(int[] jobs, IntToLongFunction micros) {
    long first = Arrays.stream(jobs).mapToLong(micros).min().orElse(0);
    long last = Arrays.stream(jobs).mapToLong(micros).max().orElse(0);
    return last == first ? 0 : (jobs.length - 1) * 1e6 / (last - first);
  }

  /** All of it, with names that say the unit. */
  public JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("makespan_us", makespanMicros);
    json.addProperty("utilisation", Spread.rounded(utilisation));
    JsonObject arrivals = new JsonObject();
    arrivals.addProperty("intended_per_s", Spread.rounded(intendedPerSecond));
    arrivals.addProperty("achieved_per_s", Spread.rounded(achievedPerSecond));
    arrivals.add("late", lateMicros.json("_us"));
    json.add("arrivals", arrivals);
    json.add("wait", waitMicros.json("_us"));
    json.add("response", responseMicros.json("_us"));
    json.add("bounded_slowdown", slowdown.json(""));
    return json;
  }
}
