package io.tidemill.system.kills;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.WaitTaskResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that submit with the same unique keys, and remember what they were answered and when. */
final class UniqueLoad {
  /**
   * An answer to a submission.
   *
   * @param made the task is this submission's own
   * @param askedNanos monotonic, before it was sent for the first time
   * @param answeredNanos monotonic
   */
  record Answer(String key, String task, boolean made, long askedNanos, long answeredNanos) {}

  private static final int CLIENTS = 6;

  /** Some of the tasks are not let go before all the kills are over. */
  private static final Duration PATIENCE = Servers.PATIENCE.multipliedBy(4);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> endsTold = new ConcurrentHashMap<>();
  private final Queue<CompletableFuture<?>> open = new ConcurrentLinkedQueue<>();
  private final Background clients = new Background();
  private final TidemillClient last;

  UniqueLoad(UnderKills under, long seed) {
    last = under.client();
    for (int i = 0; i < CLIENTS; i++) {
      TidemillClient client = under.newClient();
      Random random = new Random(seed + i);
      String who = "client" + i + "-";
      clients.run(who, turn -> submit(client, random, who + turn));
    }
  }

  private void submit(TidemillClient client, Random random, String who) {
    submit(client, UniqueKey.ALL.get(random.nextInt(UniqueKey.ALL.size())), who);
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private Answer submit(TidemillClient client, UniqueKey key, String who) {
    long asked = System.nanoTime();
    SubmitTaskResponse told = client.submit(key.spec(who));
    boolean isOther = told.getDuplicateReason() == DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY;
    Answer answer =
        new Answer(
            key.name(), TaskIds.format(told.getTaskId()), !isOther, asked, System.nanoTime());
    answers.add(answer);
    if (!isOther) {
      open.add(
          client
              .awaitAsync(told.getTaskId(), PATIENCE)
              .thenAccept(end -> noteEnd(answer.task(), end)));
    }
    return answer;
  }

  private void noteEnd(String task, WaitTaskResponse end) {
    if (!end.getEnded()) {
      throw new AssertionError("it does not end: task=" + task);
    }
    endsTold.putIfAbsent(task, System.nanoTime());
  }

  /** No more are submitted. */
  void stop() throws InterruptedException {
    clients.stop();
  }

  /**
   * After the end of all: each key is free at once, or when its time is over, but for the one that
   * is held for ever. Answers those that were not.
   */
  List<String> notFree() {
    open.forEach(CompletableFuture::join);
    List<String> wrong = new ArrayList<>();
    for (UniqueKey key : UniqueKey.ALL) {
      if (key.forMillis() == 0 || key.isHeldForEver()) {
        Answer answer = submit(last, key, "last");
        if (answer.made() == key.isHeldForEver()) {
          wrong.add("after all ends: " + answer);
        }
      } else {
        Servers.await(key + " is free", () -> submit(last, key, "last").made());
      }
    }
    open.forEach(CompletableFuture::join);
    return wrong;
  }

  /** Until so many more have been answered. */
  void awaitAnswers(int more) {
    int answered = answers.size() + more;
    Servers.await(
        "more submissions",
        () -> {
          clients.check();
          return answers.size() >= answered;
        });
  }

  List<Answer> answers() {
    return List.copyOf(answers);
  }

  /** When the clients knew that a task had ended. */
  Map<String, Long> endsTold() {
    return Map.copyOf(endsTold);
  }
}
