package io.tidemill.worker.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.worker.NonRetryableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  @TempDir Path folder;

  private static String run(String payload) throws Exception {
    return new Exec().handle(FakeContext.of(payload)).toStringUtf8();
  }

  @Test
  void returnsStandardOutput() throws Exception {
    assertThat(run("[\"echo\", \"a b\", \"$HOME\"]")).isEqualTo("a b $HOME\n");
  }

  /** Those who follow the task see whole lines of both outputs, the last one too. */
  @Test
  void emitsItsLinesWhileItRuns() throws Exception {
    FakeContext context =
        FakeContext.of("[\"sh\",\"-c\",\"printf a; echo b; echo c >&2; printf end\"]");
    assertThat(new Exec().handle(context).toStringUtf8()).isEqualTo("ab\nend");
    assertThat(context.emitted()).contains("ab\n").contains("c\n").contains("end").hasSize(8);
  }

  @Test
  void losesNothingOfTheOutputOfAProgramThatEndsAtOnce() throws Exception {
    for (int i = 0; i < 30; i++) {
      assertThat(run("[\"head\",\"-c\",\"60000\",\"/dev/zero\"]")).hasSize(60_000);
    }
  }

  @Test
  void tellsTheProgramItsTaskAndFencingToken() throws Exception {
    assertThat(run("[\"sh\",\"-c\",\"echo $TIDEMILL_TASK_ID $TIDEMILL_LEASE $TIDEMILL_ATTEMPT\"]"))
        .isEqualTo("0000000000000abc 0000000000000def 2\n");
  }

  @Test
  void anExitCodeFailsTheAttemptWithTheEndOfStandardError() {
    assertThatThrownBy(
            () ->
                run(
                    "[\"sh\",\"-c\",\"i=0; while [ $i -lt 1000 ]; do echo line$i >&2;"
                        + " i=$((i+1)); done; exit 7\"]"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("exit_code=7")
        .hasMessageContaining("line999")
        .hasMessageNotContaining("line500\n");
  }

  @Test
  void refusesWhatIsNoArrayOfStrings() {
    for (String bad : new String[] {"", "ls", "{}", "[]", "[1]", "[\"\"]", "[[\"ls\"]]"}) {
      assertThatThrownBy(() -> run(bad))
          .as(bad)
          .isInstanceOf(NonRetryableException.class)
          .hasMessageContaining("JSON array of strings");
    }
  }

  @Test
  void namesAProgramThatIsNotThere() {
    assertThatThrownBy(() -> run("[\"no-such-program-here\"]"))
        .isInstanceOf(NonRetryableException.class)
        .hasMessageContaining("no-such-program-here");
  }

  @Test
  void killsAProgramThatWritesTooMuch() {
    assertThatThrownBy(() -> run("[\"yes\"]"))
        .isInstanceOf(NonRetryableException.class)
        .hasMessageContaining("limit_bytes=" + Exec.OUTPUT_BYTES_MAX);
  }

  @Test
  void killsAProgramThatTakesTooLong() {
    FakeContext context =
        new FakeContext(ByteString.copyFromUtf8("[\"sleep\",\"1000\"]"), Duration.ofMillis(50));
    assertThatThrownBy(() -> new Exec().handle(context))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("limit_ms=50");
  }

  @Test
  void killsDescendantsWhenInterrupted() throws Exception {
    Path pids = folder.resolve("pids");
    String script =
        "sleep 1000 & echo $! > " + pids + "; (sleep 1000 & echo $! >> " + pids + "); wait";
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread runner =
        new Thread(
            () -> {
              try {
                run("[\"sh\",\"-c\",\"" + script + "\"]");
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    runner.start();
    await()
        .atMost(DEADLINE)
        .until(() -> Files.exists(pids) && Files.readAllLines(pids).size() == 2);
    runner.interrupt();
    runner.join(DEADLINE.toMillis());
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    awaitGone(pids);
  }

  @Test
  void killsWhatAProgramLeavesBehind() throws Exception {
    Path pids = folder.resolve("pids");
    assertThat(run("[\"sh\",\"-c\",\"sleep 1000 & echo $! > " + pids + "; echo done\"]"))
        .isEqualTo("done\n");
    awaitGone(pids);
  }

  /**
   * An ended process without a parent may be left for its new one to collect: that counts as gone.
   */
  private static void awaitGone(Path pids) throws IOException {
    for (String pid : Files.readAllLines(pids)) {
      Path stat = Path.of("/proc", pid.strip(), "stat");
      await()
          .atMost(DEADLINE)
          .until(() -> !Files.exists(stat) || Files.readString(stat).contains(") Z "));
    }
  }
}
