package io.tidemill.plm.lifecycle;

import static org.awaitility.Awaitility.await;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.shm.region.WorkerTable.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A worker as far as a supervisor sees one: writes its own row, and leaves it on SIGTERM. */
public final class FakeWorker {
  private FakeWorker() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Words words = Words.parse(arguments, List.of("--data", "--id", "--capacity"));
    Path data = Path.of(words.text("--data").orElseThrow());
    String id = words.text("--id").orElseThrow();
    Optional<String> failure = TextFile.read(TestInstance.failure(data, id));
    if (failure.isPresent()) {
      System.err.println(failure.get());
      Runtime.getRuntime().halt(1);
    }
    WorkerTable table = awaitRegister(new DataDir(data, "")).workers();
    int row = Integer.parseInt(id.substring(id.indexOf('-') + 1)) - 1;
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  table.state(row, State.FREE);
                  Runtime.getRuntime().halt(0);
                }));
    int capacity = words.number("--capacity", 1, 100).orElse(1);
    int pid = (int) ProcessHandle.current().pid();
    table.enter(
        row, new Registration(id, 1, capacity, List.of("echo"), "here", pid), 0, System.nanoTime());
    new CountDownLatch(1).await();
  }

  private static Regions awaitRegister(DataDir dir) {
    return await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                Instance.attach(dir)
                    .filter(regions -> regions.control().incarnation(Role.REGISTER) > 0),
            Optional::isPresent)
        .orElseThrow();
  }
}
