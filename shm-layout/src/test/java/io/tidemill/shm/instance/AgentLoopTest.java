package io.tidemill.shm.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main loop on a real instance: when it rests, and when it sleeps. */
class AgentLoopTest {
  private static final long REST_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

  @TempDir Path data;

  /** One turn. */
  private record Turn(long nanos, int asked) {}

  /** Does in each turn what it is told to, and stops the loop after the last. */
  private static final class Script implements Agent {
    private final int[] done;
    private final List<Turn> turns = new ArrayList<>();
    private AgentLoop loop;

    /** How often it was asked for work, as a loop does that is about to sleep. */
    private int asked;

    Script(int... done) {
      this.done = done;
    }

    @Override
    public int doWork(long nowNanos) {
      turns.add(new Turn(nowNanos, asked));
      if (turns.size() == done.length) {
        loop.stop();
      }
      return done[turns.size() - 1];
    }

    @Override
    public boolean hasWork() {
      asked++;
      return true;
    }
  }

  private List<Turn> run(String restMicros, int... done) throws Exception {
    Map<String, String> settings =
        Map.of("loop.rest.us", restMicros, "tasks.max", "1000", "workers.max", "16");
    try (Instance instance =
        Instance.enter(data, Settings.load(settings, Map.of(), data), Role.PLM)) {
      Script script = new Script(done);
      script.loop = new AgentLoop(instance, script);
      script.loop.run();
      return script.turns;
    }
  }

  private List<Turn> run(int... done) throws Exception {
    return run(Long.toString(TimeUnit.NANOSECONDS.toMicros(REST_NANOS_MAX)), done);
  }

  private static long pauseNanos(List<Turn> turns, int before) {
    return turns.get(before).nanos() - turns.get(before - 1).nanos();
  }

  @Test
  void restsOnceManyAreDone() throws Exception {
    List<Turn> turns = run(AgentLoop.MANY, 0, 1);
    assertThat(turns.get(2).asked()).as("it was not about to sleep").isZero();
    assertThat(pauseNanos(turns, 2)).isGreaterThanOrEqualTo(AgentLoop.MANY * 10_000L);
  }

  @Test
  void restsTheLongerTheMoreIsDone() throws Exception {
    List<Turn> turns = run(AgentLoop.MANY, 1_000, 0, 1);
    assertThat(pauseNanos(turns, 3)).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(10));
    // Hours without a limit: this test would not end.
    assertThat(pauseNanos(run(Integer.MAX_VALUE, 0, 1), 2)).isGreaterThanOrEqualTo(REST_NANOS_MAX);
  }

  @Test
  void sleepsOnceFewAreDone() throws Exception {
    assertThat(run(AgentLoop.MANY - 1, 0, 1).get(2).asked()).isPositive();
  }

  @Test
  void sleepsOnceNothingCameInItsRest() throws Exception {
    List<Turn> turns = run(AgentLoop.MANY, 0, 0, 1);
    assertThat(turns.get(2).asked()).isZero();
    assertThat(turns.get(3).asked()).isPositive();
  }

  @Test
  void neverRestsIfItIsNotTo() throws Exception {
    assertThat(run("0", AgentLoop.MANY, 0, 1).get(2).asked()).isPositive();
  }
}
