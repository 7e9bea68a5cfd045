package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WakeUp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who sends an acknowledgement: the loop while it is awake, whoever brings it while it sleeps. */
class AckTurnTest {
  private final List<String> sent = new CopyOnWriteArrayList<>();

  private static Instance enter(Path data) throws Exception {
    Map<String, String> small = Map.of("tasks.max", "1000", "workers.max", "16");
    return Instance.enter(data, Settings.load(small, Map.of(), data), Role.PLM);
  }

  @Test
  void waitsForTheTurnOfALoopThatIsAwake(@TempDir Path data) throws Exception {
    try (Instance instance = enter(data)) {
      AckTurn acks = new AckTurn(instance.regions().wakeUp(Role.PLM));
      acks.begin();
      acks.add(() -> sent.add("first"));
      acks.add(() -> sent.add("second"));
      assertThat(sent).isEmpty();
      assertThat(acks.isEmpty()).as("the loop sees that there is work").isFalse();

      assertThat(acks.turn()).isEqualTo(2);
      assertThat(sent).containsExactly("first", "second");
      assertThat(acks.isEmpty()).isTrue();
    }
  }

  @Test
  void goesAtOnceWhileThereIsNoLoop(@TempDir Path data) throws Exception {
    try (Instance instance = enter(data)) {
      AckTurn acks = new AckTurn(instance.regions().wakeUp(Role.PLM));
      acks.add(() -> sent.add("before"));
      assertThat(sent).containsExactly("before");

      acks.begin();
      acks.add(() -> sent.add("last"));
      acks.end();
      acks.add(() -> sent.add("after"));
      assertThat(sent).containsExactly("before", "last", "after");
    }
  }

  @Test
  void goesAtOnceWhileTheLoopSleeps(@TempDir Path data) throws Exception {
    try (Instance instance = enter(data)) {
      WakeUp loop = instance.regions().wakeUp(Role.PLM);
      AckTurn acks = new AckTurn(loop);
      acks.begin();
      AtomicBoolean over = new AtomicBoolean();
      Thread sleeper = new Thread(() -> sleep(loop, over));
      sleeper.start();
      await().until(loop::isAsleep);

      acks.add(() -> sent.add("now"));
      assertThat(sent).containsExactly("now");
      over.set(true);
      loop.wake();
      sleeper.join();
    }
  }

  private static void sleep(WakeUp loop, AtomicBoolean over) {
    while (!over.get()) {
      loop.await(over::get, TimeUnit.SECONDS.toNanos(60));
    }
  }
}
