package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A PLM is killed with SIGKILL under load; the next one has everything that was acknowledged. */
class KillTest {
  private static final int RUN = 97;
  private static final int WINDOW = 60 * RUN;
  private static final long SESSION = 77;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {3_000, 11_000, 30_000})
  void hasEveryAcknowledgedTaskAfterItsPredecessorWasKilled(int acknowledged) throws Exception {
    Path data = folder.resolve("data");
    Load load = new Load(acknowledged);
    int port = TestPlm.freePort();
    Process victim = fork(data, port, "200000");
    try {
      load.run(port);
    } finally {
      victim.destroyForcibly();
      assertThat(victim.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    List<Long> acked = load.acked();
    assertThat(acked.size()).isGreaterThanOrEqualTo(acknowledged);

    try (TestPlm plm = TestPlm.start(data, "tasks.max", "200000")) {
      for (int i = 0; i < acked.size(); i += 50) {
        assertThat(get(plm, acked.get(i)).getState()).isEqualTo(TaskState.TASK_STATE_READY);
      }
      assertThat(acked)
          .allMatch(id -> plm.instance().regions().tasks().wordOf(id) != -1)
          .doesNotHaveDuplicates();
      assertSubmittedAgainGivesTheSame(plm, acked);
    }
  }

  /**
   * What was sent and has no acknowledgement, and some that has, is submitted again: nothing is
   * doubled.
   */
  private static void assertSubmittedAgainGivesTheSame(TestPlm plm, List<Long> acked) {
    long from = acked.size() - 10L * RUN;
    TestSession session = TestSession.open(plm, SESSION);
    session.submit(from + 1, Specs.specs(WINDOW));
    await().until(() -> session.ackedThrough() == from + WINDOW);
    assertThat(session.opened().getResumed()).isTrue();
    List<Long> all = new ArrayList<>(acked.subList(0, (int) from));
    for (long number = from + 1; number <= from + WINDOW; number++) {
      all.add(session.idOf(number));
    }
    assertThat(all.subList(0, acked.size())).isEqualTo(acked);
    assertThat(new HashSet<>(all)).hasSameSizeAs(all);
    assertThat(live(plm)).isEqualTo(all.size());
    assertThat(session.duplicates()).isGreaterThanOrEqualTo(10 * RUN);
  }

  private static long live(TestPlm plm) {
    return new SlotCount(plm.instance().regions().tasks()).live();
  }

  private static Task get(TestPlm plm, long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  /** A PLM as a process of its own that serves. */
  static Process fork(Path data, int port, String tasksMax) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-Xmx"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            LoadedPlm.class.getName(),
            data.toString(),
            "port.plm",
            Integer.toString(port),
            "tasks.max",
            tasksMax,
            "workers.max",
            "16"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.equals("serving")) {
        return process;
      }
      said.append(line).append('\n');
    }
    throw new IOException("the PLM did not start:\n" + said);
  }

  /** Submits run after run until so many are acknowledged, then leaves the stream as it is. */
  private static final class Load implements StreamObserver<SessionResponse> {
    private final int enough;
    private final List<Long> acked = new ArrayList<>();
    private final Semaphore window = new Semaphore(WINDOW);
    private final CountDownLatch done = new CountDownLatch(1);

    Load(int enough) {
      this.enough = enough;
    }

    void run(int port) throws InterruptedException {
      ManagedChannel channel = Transport.channel("127.0.0.1:" + port, 1 << 20);
      try {
        StreamObserver<SessionRequest> requests = TaskServiceGrpc.newStub(channel).session(this);
        OpenSession open =
            OpenSession.newBuilder().setSessionId(SESSION).setNoResults(true).build();
        requests.onNext(SessionRequest.newBuilder().setOpen(open).build());
        for (long first = 1; done.getCount() > 0; first += RUN) {
          window.acquire(RUN);
          SubmitRun run =
              SubmitRun.newBuilder().setFirstNumber(first).addAllTasks(Specs.specs(RUN)).build();
          requests.onNext(SessionRequest.newBuilder().setSubmit(run).build());
        }
      } finally {
        // The victim is killed while runs are on their way; the channel goes afterwards.
        channels.add(channel);
      }
    }

    private final List<ManagedChannel> channels = new ArrayList<>();

    @Override
    public void onNext(SessionResponse response) {
      synchronized (acked) {
        acked.addAll(response.getAcks().getTaskIdsList());
        if (acked.size() >= enough) {
          done.countDown();
        }
      }
      window.release(response.getAcks().getTaskIdsCount());
    }

    @Override
    public void onError(Throwable broken) {
      done.countDown();
      window.release(RUN);
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("completed"));
    }

    /** After the kill: ends the channel and answers what had been acknowledged, in order. */
    List<Long> acked() {
      channels.forEach(ManagedChannel::shutdownNow);
      synchronized (acked) {
        return List.copyOf(acked);
      }
    }
  }
}
