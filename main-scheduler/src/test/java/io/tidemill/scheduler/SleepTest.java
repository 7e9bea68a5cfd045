package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the Main Scheduler from falling asleep: whatever another process has published. */
class SleepTest {
  @TempDir Path temp;
  private Instance instance;
  private SchedulerAgent agent;

  @BeforeEach
  void start() throws Exception {
    Path data = temp.resolve("data");
    Settings settings = Settings.load(Map.of("tasks.max", "1000"), Map.of(), data);
    instance = Instance.enter(data, settings, Role.SCHEDULER);
    agent = new SchedulerAgent(instance, new Inbox());
    agent.sweep();
    rest();
  }

  @AfterEach
  void stop() {
    agent.close();
    instance.close();
  }

  private void rest() {
    while (agent.doWork(System.nanoTime()) > 0) {
      // until nothing is left
    }
    assertThat(agent.hasWork()).isFalse();
  }

  @Test
  void staysAwakeForRules() {
    instance.regions().rules().publish(List.of(Rule.ofQueue("mail", true, 0)));
    assertThat(agent.hasWork()).isTrue();
    rest();
    instance.regions().rules().publish(List.of());
    assertThat(agent.hasWork()).isTrue();
    rest();
  }

  @Test
  void staysAwakeForEntriesOfRings() {
    instance.regions().rings().plmToScheduler().offer(Rings.event(Rings.TASK_READY, 0), 0);
    assertThat(agent.hasWork()).isTrue();
    rest();
    instance.regions().rings().registerToScheduler().offer(Rings.event(Rings.TASK_READY, 0), 0);
    assertThat(agent.hasWork()).isTrue();
    rest();
  }

  @Test
  void staysAwakeForASweep() {
    instance.control().askSweep(Role.SCHEDULER);
    assertThat(agent.hasWork()).isTrue();
    rest();
  }
}
