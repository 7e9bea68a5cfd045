package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskState;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Register process that is killed in the middle of its work, again and again. */
class KilledRegisterTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int TASKS = 40_000;
  private static final int WORKERS = 4;
  private static final int KILLS = 6;

  @TempDir Path folder;
  private Settings settings;
  private Process register;

  @AfterEach
  void stop() throws Exception {
    if (register != null) {
      register.destroyForcibly().waitFor();
    }
  }

  @Test
  void recordsEveryTaskOnceHoweverOftenItIsKilled() throws Exception {
    Path data = folder.resolve("data");
    settings = Plant.settings(data, Map.of(Key.TASKS_MAX.key(), Integer.toString(TASKS)));
    try (Others others = new Others(Instance.enter(data, settings, Role.PLM), System::nanoTime)) {
      startRegister(data);
      List<StubbornWorker> workers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(new StubbornWorker("127.0.0.1:" + settings.text(Key.PORT_REGISTER), "w" + i));
      }
      Set<Long> ids = giveTasks(others, workers);
      workers.forEach(StubbornWorker::start);
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitRecorded(others, (long) kill * TASKS / (KILLS + 1));
        register.destroyForcibly().waitFor();
        startRegister(data);
        workers.forEach(StubbornWorker::hurry);
      }
      for (StubbornWorker worker : workers) {
        await().atMost(PATIENCE).until(worker::isDone);
        assertThat(worker.exceptions()).isZero();
        worker.close();
      }
      assertEachRecordedOnce(others, ids);
    }
  }

  private static Set<Long> giveTasks(Others others, List<StubbornWorker> workers) {
    Set<Long> ids = new HashSet<>();
    for (int slot = 0; slot < TASKS; slot++) {
      StubbornWorker worker = workers.get(slot % WORKERS);
      Others.Leased task = others.leased(slot, worker.row());
      worker.give(task);
      ids.add(task.id());
    }
    return ids;
  }

  private static void awaitRecorded(Others others, long count) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> others.regions.control().count(Counter.RECORDED) >= count);
  }

  private static void assertEachRecordedOnce(Others others, Set<Long> ids) {
    List<Others.Recorded> recorded = others.recorded();
    assertThat(recorded).hasSize(TASKS);
    Set<Long> seen = new HashSet<>();
    recorded.forEach(record -> seen.add(record.taskId()));
    assertThat(seen).isEqualTo(ids);
    for (int slot = 0; slot < TASKS; slot++) {
      assertThat(others.state(slot)).isEqualTo(TaskState.SUCCEEDED);
      assertThat(others.tasks.outcome(slot)).isPositive();
    }
    assertThat(others.regions.control().count(Counter.RECORDED_TWICE)).isZero();
    // A kill between two neighbouring stores may count one run twice.
    assertThat(others.regions.control().count(Counter.RECORDED))
        .isBetween((long) TASKS, TASKS + (long) KILLS * StubbornWorker.WINDOW);
  }

  private void startRegister(Path data) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> !argument.startsWith("-Xmx") && !argument.contains("jacoco"))
            .toList());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(RegisterMain.class.getName(), "--data", data.toString()));
    for (String line : settings.lines()) {
      command.addAll(List.of("--set", line));
    }
    File log = folder.resolve("register.log").toFile();
    register =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    try {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                assertThat(register.isAlive()).isTrue();
                return StubbornWorker.isListening(settings.integer(Key.PORT_REGISTER));
              });
    } catch (RuntimeException | Error failed) {
      throw new AssertionError(
          "the register did not start:\n" + Files.readString(log.toPath()), failed);
    }
  }
}
