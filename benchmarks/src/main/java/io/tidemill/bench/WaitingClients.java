package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WaitTaskResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Clients that each wait for a task that nobody runs, over some connections. */
final class WaitingClients implements AutoCloseable {
  private static final int CONNECTIONS = 20;
  private static final int BATCH = 500;
  private static final Duration LONG = Duration.ofMinutes(30);

  /** No worker handles it, so it waits and holds up nothing else. */
  private static final TaskSpec TASK =
      TaskSpec.newBuilder()
          .setType("handled-by-nobody")
          .setPayload(ByteString.copyFromUtf8("0123456789abcdef"))
          .build();

  private final List<TidemillClient> clients = new ArrayList<>();
  private final List<Long> tasks = new ArrayList<>();
  private final List<CompletableFuture<WaitTaskResponse>> waits = new ArrayList<>();

  WaitingClients(String plm, int count) {
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(TidemillClient.builder().plm(plm).callTimeout(LONG).build());
    }
    while (tasks.size() < count) {
      int next = Math.min(BATCH, count - tasks.size());
      SubmitTasksResponse accepted = clients.get(0).submitAll(Collections.nCopies(next, TASK));
      tasks.addAll(accepted.getTaskIdsList());
    }
    for (int i = 0; i < count; i++) {
      waits.add(clients.get(i % CONNECTIONS).awaitAsync(tasks.get(i), LONG));
    }
  }

  /** Cancels all their tasks: seconds until each of them has been told. */
  double releaseSeconds() {
    long began = System.nanoTime();
    List<CompletableFuture<?>> cancels = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      cancels.add(clients.get(i % CONNECTIONS).cancelAsync(tasks.get(i), "that was all"));
    }
    cancels.forEach(CompletableFuture::join);
    for (CompletableFuture<WaitTaskResponse> wait : waits) {
      if (!wait.join().getEnded()) {
        throw new IllegalStateException("a client was told that its cancelled task goes on");
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  @Override
  public void close() {
    clients.forEach(TidemillClient::close);
  }
}
