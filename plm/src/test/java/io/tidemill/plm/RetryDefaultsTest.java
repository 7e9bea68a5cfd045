package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.journal.Terms.Backoff;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code task.retry.*} and {@code task.retry.types} say of how long tasks wait. */
class RetryDefaultsTest {
  private static final Map<String, String> FOR_ALL =
      Map.of(
          "task.retry.initial.ms", "100",
          "task.retry.multiplier.percent", "150",
          "task.retry.max.ms", "5000",
          "task.retry.jitter.percent", "20");

  private static final Backoff ALL = new Backoff(100, 5_000, 150, 20);

  @TempDir Path folder;

  private RetryDefaults defaults(String types) throws IOException {
    Map<String, String> settings = new java.util.HashMap<>(FOR_ALL);
    settings.put("task.retry.types", types);
    return new RetryDefaults(Settings.load(settings, Map.of(), folder));
  }

  @Test
  void givesAllTypesTheSameUnlessTypesSayOtherwise() throws IOException {
    assertThat(defaults("").of("mail")).isEqualTo(ALL);
    assertThat(defaults("mail=1000").of("echo")).isEqualTo(ALL);
  }

  @Test
  void takesWhatAnEntryLeavesAwayFromWhatIsSetForAll() throws IOException {
    RetryDefaults defaults =
        defaults("a=1, b=2:300 ,c=3:300:7000,d=4:300:7000:0,e=0, very/long.type:x=9");
    assertThat(defaults.of("a")).isEqualTo(new Backoff(1, 5_000, 150, 20));
    assertThat(defaults.of("b")).isEqualTo(new Backoff(2, 5_000, 300, 20));
    assertThat(defaults.of("c")).isEqualTo(new Backoff(3, 7_000, 300, 20));
    assertThat(defaults.of("d")).isEqualTo(new Backoff(4, 7_000, 300, 0));
    assertThat(defaults.of("e").initialMillis()).as("does not wait").isZero();
    assertThat(defaults.of("very/long.type:x").initialMillis()).isEqualTo(9);
    assertThat(defaults.of("f")).isEqualTo(ALL);
  }

  @Test
  void takesTheLaterOfTwoEntriesOfAType() throws IOException {
    assertThat(defaults("a=1,a=2").of("a").initialMillis()).isEqualTo(2);
  }

  @Test
  void letsATaskSayMoreThanItsType() throws IOException {
    RetryDefaults defaults = defaults("mail=1000:200:60000:10");
    RetryPolicy some = RetryPolicy.newBuilder().setInitialMs(7).setJitter(0).build();
    assertThat(defaults.of("mail", some)).isEqualTo(new Backoff(7, 60_000, 200, 0));
    assertThat(defaults.of("other", some)).isEqualTo(new Backoff(7, 5_000, 150, 0));
    RetryPolicy rest =
        RetryPolicy.newBuilder().setMultiplier(1.25).setMaxMs(9).setJitter(0.5).build();
    assertThat(defaults.of("mail", rest)).isEqualTo(new Backoff(1_000, 9, 125, 50));
    assertThat(defaults.of("mail", RetryPolicy.getDefaultInstance()))
        .isEqualTo(defaults.of("mail"));
  }

  @Test
  void showsTheWaitsOfATypeInItsTasks() throws Exception {
    String types = "mail=1000:300:60000:10";
    try (TestPlm plm =
        TestPlm.start(folder.resolve("data"), "tasks.max", "1000", "task.retry.types", types)) {
      RetryPolicy policy = accepted(plm, "mail", 3).getRetry();
      assertThat(policy.getInitialMs()).isEqualTo(1_000);
      assertThat(policy.getMultiplier()).isEqualTo(3);
      assertThat(policy.getMaxMs()).isEqualTo(60_000);
      assertThat(policy.getJitter()).isEqualTo(0.1);
      assertThat(accepted(plm, "mail", 1).hasRetry()).as("it is tried once").isFalse();
      assertThat(accepted(plm, "echo", 3).hasRetry()).as("it does not wait").isFalse();
    }
  }

  private static Task accepted(TestPlm plm, String type, int attempts) {
    TaskSpec spec = Specs.spec().toBuilder().setType(type).setMaxAttempts(attempts).build();
    long id =
        plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail",
        "=1000",
        "a b=1000",
        "mail=",
        "mail=soon",
        "mail=-1",
        "mail=1000:99",
        "mail=1000:10001",
        "mail=1000:200:0",
        "mail=1000:200:60000:101",
        "mail=1000:200:60000:10:5",
        "mail=1000,",
        "mail=2147483648"
      })
  void refusesWhatIsNone(String types) {
    assertThatThrownBy(() -> defaults(types))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("task.retry.types")
        .hasMessageContaining("entry='" + types.replaceAll("^mail=1000,$", "") + "'")
        .hasMessageContaining("for example mail=1000:200:60000:10");
  }
}
