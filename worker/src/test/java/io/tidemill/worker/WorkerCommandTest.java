package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WorkerCommandTest extends WorkerFixture {
  private final StringWriter err = new StringWriter();
  @TempDir Path data;

  private int run(String... args) {
    return new CommandLine(new WorkerCommand()).setErr(new PrintWriter(err, true)).execute(args);
  }

  @Test
  void endsWithThreeWhenItsIdIsTaken() {
    register.refusal =
        RpcErrors.of(Status.Code.ALREADY_EXISTS, "WORKER_ID_TAKEN", "taken", Map.of());
    assertThat(run("--register", register.address(), "--id", "w9")).isEqualTo(3);
    assertThat(err.toString()).contains("another live worker has this id").contains("w9");
  }

  @Test
  void endsWithOneWhenTheRegisterRefusesIt() {
    register.refusal = RpcErrors.invalid("CAPACITY_INVALID", "capacity", 5, "capacity is bad");
    assertThat(run("--register", register.address())).isEqualTo(1);
    assertThat(err.toString()).contains("capacity is bad");
  }

  @Test
  void endsWithTwoOnABadOption() {
    String[][] bad = {
      {"--capacity", "0"},
      {"--capacity", "1000000000"},
      {"--id", "with blank"},
      {"--types", "echo,exec"},
      {"--types", "nothing"},
      {"--slow-ms", "-1"},
      {"--register", "nowhere"},
      {"--data", data.resolve("absent").toString()},
      {"--no-such-option"},
    };
    for (String[] args : bad) {
      assertThat(run(args)).as(String.join(" ", args)).isEqualTo(2);
    }
    assertThat(err.toString()).contains("value='1000000000'").contains("--allow-exec");
  }

  @Test
  void findsTheRegisterThroughTheDataFolderAndEndsWithZeroWhenDrained() throws Exception {
    Files.writeString(
        data.resolve("tidemill.properties"),
        "bind.host=127.0.0.1\nport.register=" + register.port() + "\n");
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(
            () -> run("--data", data.toString(), "--types", "echo,prime", "--id", "w2"));
    until(() -> register.isConnected() && !scheduler.hellos.isEmpty());
    assertThat(register.registrations.get(0).getTaskTypesList())
        .containsExactlyInAnyOrder("echo", "prime");
    scheduler.send(task(1, "prime", "91"));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.reportOf(1).getResult().toStringUtf8()).isEqualTo("7");
    register.send(HeartbeatResponse.newBuilder().setDrain(true).build());
    assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(err.toString()).contains("registered: worker=w2").contains("drained");
  }

  @Test
  void drainsOnSigtermAndEndsWithZero() throws Exception {
    Process process = startProcess();
    try {
      until(() -> register.isConnected() && !scheduler.hellos.isEmpty());
      scheduler.send(task(1, "sleep", "1000000000"), task(2, "sleep", "1"));
      until(() -> register.messages.stream().anyMatch(m -> m.getStartedCount() > 0));
      process.destroy();
      until(() -> register.kindOf(2) == TaskReport.Kind.KIND_RETURNED);
      register.cancel(1, 1, "enough");
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(register.kindOf(1)).isEqualTo(TaskReport.Kind.KIND_CANCELLED);
      assertThat(register.messages).anyMatch(HeartbeatRequest::getLeaving);
      assertThat(Files.readString(data.resolve("stderr")))
          .contains("registered: worker=w3")
          .contains("drained: worker=w3");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void asTheInstanceStartsItTakesThreeWordsOnly() throws Exception {
    Files.writeString(
        data.resolve("tidemill.properties"),
        "bind.host=127.0.0.1\nport.register=" + register.port() + "\n");
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(
            () -> stock("--data", data.toString(), "--id", "w4", "--capacity", "3"));
    until(() -> register.isConnected() && !scheduler.hellos.isEmpty());
    assertThat(register.registrations.get(0).getCapacity()).isEqualTo(3);
    assertThat(register.registrations.get(0).getTaskTypesList())
        .contains("echo", "wordcount")
        .doesNotContain("exec");
    register.send(HeartbeatResponse.newBuilder().setDrain(true).build());
    assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(err.toString()).contains("registered: worker=w4").contains("drained");

    assertThat(stock("--data", data.toString(), "--capacity", "many")).isEqualTo(2);
    assertThat(stock("--data", data.resolve("absent").toString())).isEqualTo(2);
    assertThat(stock("--types", "echo")).isEqualTo(2);
    assertThat(err.toString()).contains("bad capacity: value='many'", "absent", "value='--types'");
  }

  private int stock(String... words) {
    try {
      return StockWorkerMain.run(words, Map.of(), new PrintWriter(err, true));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Process startProcess() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            WorkerMain.class.getName(),
            "--register",
            register.address(),
            "--id",
            "w3",
            "--capacity",
            "1")
        .redirectError(data.resolve("stderr").toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
