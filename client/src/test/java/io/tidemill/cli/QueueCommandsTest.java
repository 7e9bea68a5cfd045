package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.QueueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tidemill queue} and {@code tidemill limit}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class QueueCommandsTest {
  private final CliFixture cli = new CliFixture();

  @AfterEach
  void close() {
    cli.close();
  }

  // Queues.

  @Test
  void pausesAndResumesQueue() {
    assertThat(cli.run("queue", "pause", "mail")).isZero();
    assertThat(cli.out.strip()).isEqualTo("mail: paused");
    assertThat(cli.plm.queues.queue("mail").getPaused()).isTrue();
    assertThat(cli.run("queue", "resume", "mail", "--json")).isZero();
    assertThat(cli.json().get("queue").getAsString()).isEqualTo("mail");
    assertThat(cli.json().get("paused").getAsBoolean()).isFalse();
    assertThat(cli.plm.queues.queue("mail").getPaused()).isFalse();
  }

  @Test
  void limitsQueueAndLeavesItsPauseAsItIs() {
    cli.run("queue", "pause", "mail");
    assertThat(cli.run("queue", "limit", "mail", "10000")).isZero();
    assertThat(cli.out.strip()).isEqualTo("mail: paused, at most 10000 tasks");
    assertThat(cli.plm.queues.queue("mail").getLengthMax()).isEqualTo(10_000);
    assertThat(cli.run("queue", "limit", "mail", "none", "--json")).isZero();
    assertThat(cli.json().get("length_max").getAsLong()).isZero();
    assertThat(cli.json().get("paused").getAsBoolean()).isTrue();
  }

  @Test
  void listsQueues() {
    cli.plm.queues.put(
        QueueInfo.newBuilder()
            .setQueue("bulk")
            .setWaiting(7)
            .setRunning(2)
            .setEnded(31)
            .setWithoutWorker(5)
            .build());
    cli.plm.queues.put(
        QueueInfo.newBuilder().setQueue("mail").setPaused(true).setLengthMax(40).build());
    assertThat(cli.run("queue", "list")).isZero();
    assertThat(cli.out.lines().toList().get(1)).matches("bulk +no +none +7 +2 +31 +5");
    assertThat(cli.out.lines().toList().get(2)).matches("mail +yes +40 +0 +0 +0 +0");
    assertThat(cli.run("queue", "list", "--json")).isZero();
    List<JsonObject> lines = cli.jsonLines();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).get("queue").getAsString()).isEqualTo("bulk");
    assertThat(lines.get(0).get("waiting").getAsLong()).isEqualTo(7);
    assertThat(lines.get(0).get("running").getAsLong()).isEqualTo(2);
    assertThat(lines.get(0).get("ended").getAsLong()).isEqualTo(31);
    assertThat(lines.get(0).get("without_worker").getAsLong()).isEqualTo(5);
    assertThat(lines.get(1).get("paused").getAsBoolean()).isTrue();
    assertThat(lines.get(1).get("length_max").getAsLong()).isEqualTo(40);
  }

  @Test
  void refusesWrongUseOfQueues() {
    assertThat(cli.run("queue", "pause")).isEqualTo(2);
    assertThat(cli.err).contains("QUEUE");
    assertThat(cli.run("queue", "limit", "mail", "many")).isEqualTo(2);
    assertThat(cli.err).contains("limit='many'", "or none");
    assertThat(cli.run("queue", "limit", "mail", "-5")).isEqualTo(2);
    assertThat(cli.err).contains("-5");
    assertThat(cli.run("queue", "pause", "no such")).isEqualTo(2);
    assertThat(cli.err).contains("bad queue: value='no such'").contains("QUEUE_INVALID");
    assertThat(cli.plm.queues.queue("mail")).isNull();
  }

  // Limits.

  @Test
  void setsListsAndDeletesLimits() {
    assertThat(
            cli.run("limit", "set", "user:*", "--running", "2", "--rate", "10/m", "--burst", "5"))
        .isZero();
    assertThat(cli.out.strip()).isEqualTo("limit set: key=user:*");
    assertThat(cli.plm.queues.limit("user:*"))
        .isEqualTo(
            KeyLimit.newBuilder()
                .setKey("user:*")
                .setRunningMax(2)
                .setRate(10)
                .setRatePeriodMs(60_000)
                .setBurst(5)
                .build());
    assertThat(cli.run("limit", "set", "user:17", "--running", "1", "--json")).isZero();
    assertThat(cli.json().get("key").getAsString()).isEqualTo("user:17");
    assertThat(cli.json().get("running_max").getAsInt()).isEqualTo(1);
    assertThat(cli.json().get("rate").getAsInt()).isZero();
    assertThat(cli.run("limit", "list")).isZero();
    assertThat(cli.out.lines().toList().get(1)).matches("user:\\* +2 +10 in 60000 ms +5");
    assertThat(cli.out.lines().toList().get(2)).matches("user:17 +1 +any +0");
    assertThat(cli.run("limit", "list", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(2);
    assertThat(cli.jsonLines().get(0).get("rate_period_ms").getAsInt()).isEqualTo(60_000);
    assertThat(cli.jsonLines().get(0).get("burst").getAsInt()).isEqualTo(5);
    assertThat(cli.run("limit", "delete", "user:17", "--json")).isZero();
    assertThat(cli.json().get("deleted").getAsBoolean()).isTrue();
    assertThat(cli.plm.queues.limit("user:17")).isNull();
    assertThat(cli.run("limit", "delete", "user:17")).isEqualTo(3);
    assertThat(cli.err).contains("no limit is set", "user:17", "LIMIT_UNKNOWN");
  }

  @ParameterizedTest
  @CsvSource({"10/s, 1000", "10/m, 60000", "10/h, 3600000", "10/d, 86400000"})
  void readsRates(String rate, int period) {
    assertThat(cli.run("limit", "set", "k", "--rate", rate)).isZero();
    assertThat(cli.plm.queues.limit("k").getRate()).isEqualTo(10);
    assertThat(cli.plm.queues.limit("k").getRatePeriodMs()).isEqualTo(period);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rate=10 | rate | 10",
        "--rate=10/w | rate | 10/w",
        "--rate=ten/s | rate | ten/s",
        "--rate=0/s | rate | 0/s",
        "--running=-1 | running | -1",
        "--running=0 | running | 0",
        "--running=some | --running | some",
        "--burst=-2 | burst | -2",
        "--burst=0 | burst | 0"
      })
  void refusesWhatIsNoLimit(String option, String field, String value) {
    List<String> words = new ArrayList<>(List.of("limit", "set", "k", option));
    if (option.startsWith("--burst")) {
      words.add("--rate=1/s");
    }
    assertThat(cli.run(words.toArray(String[]::new))).as(option).isEqualTo(2);
    assertThat(cli.err).contains(field.strip()).contains(value.strip());
    assertThat(cli.plm.queues.limit("k")).isNull();
  }

  @Test
  void refusesLimitThatSaysNothing() {
    assertThat(cli.run("limit", "set", "k")).isEqualTo(2);
    assertThat(cli.err).contains("running_max").contains("LIMIT_EMPTY");
    assertThat(cli.run("limit", "set")).isEqualTo(2);
    assertThat(cli.err).contains("KEY");
  }
}
