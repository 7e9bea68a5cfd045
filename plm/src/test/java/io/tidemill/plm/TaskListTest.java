package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.CountTasksRequest;
import io.tidemill.v1.CountTasksResponse;
import io.tidemill.v1.Durability;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is listed and counted while tasks come, move and go. */
class TaskListTest {
  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    plm.close();
  }

  private List<Long> submit(int count) {
    return submit(Collections.nCopies(count, Specs.spec()));
  }

  private List<Long> submit(List<TaskSpec> specs) {
    return plm.calls()
        .submitTasks(SubmitTasksRequest.newBuilder().addAllTasks(specs).build())
        .getTaskIdsList();
  }

  private void end(List<Long> ids, TaskState state) {
    ids.forEach(id -> cluster.end(id, state, new byte[0]));
    cluster.wakePlm();
    awaitTaken(ids);
  }

  private void awaitTaken(List<Long> ids) {
    await().pollInterval(Duration.ofMillis(1)).until(() -> ids.stream().allMatch(this::isTaken));
  }

  private boolean isTaken(long id) {
    return plm.instance().regions().tasks().wordOf(id) == -1;
  }

  /** A listing that is stopped after each page. */
  private final class Listing {
    private final ListTasksRequest.Builder request;
    private final List<Long> ids = new ArrayList<>();
    private boolean over;

    Listing(int pageSize) {
      request = ListTasksRequest.newBuilder().setPageSize(pageSize);
    }

    Listing page() {
      ListTasksResponse page = plm.calls().listTasks(request.build());
      page.getTasksList().forEach(task -> ids.add(task.getTaskId()));
      request.setPageToken(page.getNextPageToken());
      over = page.getNextPageToken().isEmpty();
      return this;
    }

    Listing rest() {
      while (!over) {
        page();
      }
      return this;
    }
  }

  private List<Long> list(TaskFilter.Builder filter) {
    Listing listing = new Listing(7);
    listing.request.setFilter(filter);
    return listing.rest().ids;
  }

  private Map<String, Long> count(TaskFilter.Builder filter) {
    Map<String, Long> counts = new TreeMap<>();
    CountTasksRequest.Builder request = CountTasksRequest.newBuilder().setFilter(filter);
    do {
      CountTasksResponse answer = plm.calls().countTasks(request.build());
      answer
          .getCountsList()
          .forEach(
              each -> counts.merge(FilterCheck.name(each.getState()), each.getCount(), Long::sum));
      request.setPageToken(answer.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return counts;
  }

  @Test
  void looksOnceAtATaskThatEndsBehindTheListing() {
    List<Long> ids = submit(20);
    Listing listing = new Listing(5).page();
    end(listing.ids, TaskState.SUCCEEDED);
    assertThat(listing.rest().ids).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void looksOnceAtATaskThatEndsBeforeTheListing() {
    List<Long> ids = submit(20);
    Listing listing = new Listing(5).page();
    List<Long> others = new ArrayList<>(ids);
    others.removeAll(listing.ids);
    end(others, TaskState.FAILED);
    assertThat(listing.rest().ids).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void leavesOutWhatWasSubmittedMeanwhile() {
    List<Long> ids = submit(10);
    Listing listing = new Listing(3).page();
    end(listing.ids, TaskState.SUCCEEDED);
    List<Long> later = submit(30);
    end(later.subList(0, 10), TaskState.SUCCEEDED);
    assertThat(listing.rest().ids).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void looksAtAnEndThatIsNotTakenYet() {
    TaskSpec disk = Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK).build();
    List<Long> ids = submit(Collections.nCopies(6, disk));
    ids.subList(0, 3).forEach(id -> cluster.end(id, TaskState.SUCCEEDED, new byte[0]));
    cluster.wakePlm();
    assertThat(count(TaskFilter.newBuilder())).isEqualTo(Map.of("RUNNING", 3L, "READY", 3L));
    Listing listing = new Listing(2).page();
    cluster.force();
    awaitTaken(ids.subList(0, 3));
    assertThat(listing.rest().ids).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(count(TaskFilter.newBuilder())).isEqualTo(Map.of("SUCCEEDED", 3L, "READY", 3L));
  }

  /** Whatever happens between its pages. */
  @Test
  void looksAtEachTaskOnceWhileTheyMove() {
    for (int seed = 1; seed <= 40; seed++) {
      Random random = new Random(seed);
      TaskSpec spec = Specs.spec().toBuilder().setType("seed-" + seed).build();
      List<Long> live = new ArrayList<>(submit(Collections.nCopies(1 + random.nextInt(40), spec)));
      List<Long> expected = List.copyOf(live);
      end(List.of(live.remove(0)), TaskState.SUCCEEDED);
      Listing listing = new Listing(1 + random.nextInt(6));
      listing.request.setType(spec.getType());
      listing.page();
      while (!listing.over) {
        List<Long> ended = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0 && !live.isEmpty(); i--) {
          ended.add(live.remove(random.nextInt(live.size())));
        }
        end(ended, random.nextBoolean() ? TaskState.SUCCEEDED : TaskState.DEAD);
        if (random.nextInt(3) == 0) {
          live.addAll(submit(Collections.nCopies(1 + random.nextInt(5), spec)));
        }
        listing.page();
      }
      assertThat(listing.ids).as("seed=%d", seed).containsExactlyInAnyOrderElementsOf(expected);
      end(live, TaskState.SUCCEEDED);
    }
  }

  /** The same with movers that wait for nobody. */
  @Test
  void looksAtEachTaskOnceWhileAnotherThreadMovesThem() throws Exception {
    submit(500);
    cluster.run();
    Thread submitter =
        new Thread(
            () -> {
              for (int i = 0; i < 60 && !Thread.currentThread().isInterrupted(); i++) {
                submit(50);
              }
            });
    submitter.start();
    try {
      for (int round = 0; round < 8; round++) {
        List<Long> before = submit(200);
        Listing listing = new Listing(150).rest();
        assertThat(new HashSet<>(listing.ids)).hasSameSizeAs(listing.ids);
        assertThat(listing.ids).containsAll(before);
      }
    } finally {
      submitter.interrupt();
      submitter.join();
    }
  }

  @Test
  void goesOnAfterARestartAndLeavesNothingOut() throws Exception {
    List<Long> ids = new ArrayList<>(submit(40));
    end(ids.subList(0, 20), TaskState.SUCCEEDED);
    for (int pagesBefore = 1; pagesBefore < 12; pagesBefore += 3) {
      Listing listing = new Listing(3);
      for (int i = 0; i < pagesBefore; i++) {
        listing.page();
      }
      end(ids.subList(20 + pagesBefore, 21 + pagesBefore), TaskState.SUCCEEDED);
      restart();
      assertThat(new HashSet<>(listing.rest().ids)).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(listing.ids.size()).isLessThanOrEqualTo(ids.size() + 1);
    }
  }

  private void restart() throws Exception {
    cluster.close();
    plm.close();
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
  }

  @Test
  void looksAtABoundedNumberOfTasksInOneCall() {
    List<TaskSpec> specs = new ArrayList<>(Collections.nCopies(9_000, Specs.spec()));
    submit(specs);
    CountTasksRequest request =
        CountTasksRequest.newBuilder()
            .setFilter(TaskFilter.newBuilder().setSubmittedAfterMs(1))
            .build();
    CountTasksResponse first = plm.calls().countTasks(request);
    assertThat(first.getNextPageToken()).isNotEmpty();
    assertThat(count(request.getFilter().toBuilder())).isEqualTo(Map.of("READY", 9_000L));
  }

  @Test
  void findsByEachOfWhatAFilterSays() {
    long plain = submit(List.of(Specs.spec())).get(0);
    TaskSpec special =
        Specs.spec().toBuilder()
            .setType("special")
            .setQueue("mail")
            .setKey("user:17")
            .setTenant("acme")
            .putLabels("zone", "a")
            .putLabels("disk", "fast")
            .build();
    long live = submit(List.of(special)).get(0);
    long ended = submit(List.of(special)).get(0);
    end(List.of(ended), TaskState.DEAD);
    for (TaskFilter.Builder filter :
        List.of(
            TaskFilter.newBuilder().setType("special"),
            TaskFilter.newBuilder().setQueue("mail"),
            TaskFilter.newBuilder().setKey("user:17"),
            TaskFilter.newBuilder().setTenant("acme"),
            TaskFilter.newBuilder().putLabels("zone", "a"),
            TaskFilter.newBuilder().putLabels("zone", "a").putLabels("disk", "fast"))) {
      assertThat(list(filter.clone())).as("%s", filter).containsExactly(live, ended);
      assertThat(count(filter.clone())).isEqualTo(Map.of("READY", 1L, "DEAD", 1L));
      assertThat(list(filter.addStatesValue(9))).containsExactly(ended);
    }
    assertThat(list(TaskFilter.newBuilder().putLabels("zone", "b"))).isEmpty();
    assertThat(list(TaskFilter.newBuilder().setQueue("default"))).containsExactly(plain);
    assertThat(list(TaskFilter.newBuilder().setError("ended as DEAD"))).containsExactly(ended);
    assertThat(list(TaskFilter.newBuilder().setError("ended as FAILED"))).isEmpty();
  }

  @Test
  void findsByTimes() {
    long first = submit(1).get(0);
    long submitted = get(first).getSubmittedMs();
    end(List.of(first), TaskState.FAILED);
    long ended = get(first).getEndedMs();
    long second = submit(1).get(0);
    assertThat(list(TaskFilter.newBuilder().setSubmittedAfterMs(submitted))).contains(first);
    assertThat(list(TaskFilter.newBuilder().setSubmittedBeforeMs(submitted))).isEmpty();
    assertThat(list(TaskFilter.newBuilder().setEndedAfterMs(ended))).containsExactly(first);
    assertThat(list(TaskFilter.newBuilder().setEndedAfterMs(ended + 1))).isEmpty();
    assertThat(list(TaskFilter.newBuilder().setEndedBeforeMs(ended + 1))).containsExactly(first);
    assertThat(list(TaskFilter.newBuilder().setEndedBeforeMs(ended))).isEmpty();
    assertThat(list(TaskFilter.newBuilder())).containsExactly(second, first);
  }

  @Test
  void refusesFiltersThatSayNothingSensible() {
    Map<String, TaskFilter.Builder> bad = new TreeMap<>();
    bad.put("STATE_UNKNOWN", TaskFilter.newBuilder().addStatesValue(77));
    bad.put("TYPE_INVALID", TaskFilter.newBuilder().setType("a b"));
    bad.put("QUEUE_INVALID", TaskFilter.newBuilder().setQueue("a b"));
    bad.put("KEY_INVALID", TaskFilter.newBuilder().setKey("a b"));
    bad.put("TENANT_INVALID", TaskFilter.newBuilder().setTenant("a b"));
    bad.put("LABEL_INVALID", TaskFilter.newBuilder().putLabels("a b", "c"));
    bad.put("ERROR_TOO_LONG", TaskFilter.newBuilder().setError("x".repeat(1_001)));
    bad.put("TIME_OUT_OF_RANGE", TaskFilter.newBuilder().setEndedAfterMs(-1));
    bad.put(
        "TIMES_EXCLUDE_EACH_OTHER", TaskFilter.newBuilder().setEndedAfterMs(5).setEndedBeforeMs(5));
    bad.forEach(
        (reason, filter) ->
            assertThat(RpcErrors.reason(catchThrowable(() -> list(filter)))).isEqualTo(reason));
    assertThat(catchThrowable(() -> list(TaskFilter.newBuilder().addStatesValue(77))))
        .hasMessageContaining("5 for SUCCEEDED");
  }

  @Test
  void refusesATokenOfAnotherRequest() {
    submit(10);
    String token = new Listing(2).page().request.getPageToken();
    Throwable other =
        catchThrowable(
            () ->
                plm.calls()
                    .listTasks(
                        ListTasksRequest.newBuilder()
                            .setPageToken(token)
                            .setType("other")
                            .build()));
    assertThat(RpcErrors.reason(other)).isEqualTo("PAGE_TOKEN_INVALID");
    assertThat(other).hasMessageContaining("another request");
  }

  private Task get(long id) {
    return plm.calls()
        .getTask(io.tidemill.v1.GetTaskRequest.newBuilder().setTaskId(id).build())
        .getTask();
  }

  /** The tokens that a client might make up do nobody harm. */
  @Test
  void survivesTokensThatAreMadeUp() {
    List<Long> ids = submit(10);
    end(ids.subList(0, 5), TaskState.SUCCEEDED);
    String token = new Listing(2).page().request.getPageToken();
    Random random = new Random(3);
    String[] parts = token.split("-");
    for (int i = 0; i < 300; i++) {
      String[] other = parts.clone();
      int field = 1 + random.nextInt(parts.length - 1);
      if (field == 1) {
        other[1] = other[1].equals("k") ? "s" : "k";
      } else if (field != 3) {
        other[field] = Long.toHexString(random.nextLong() >>> random.nextInt(64));
      }
      Listing listing = new Listing(2);
      listing.request.setPageToken(String.join("-", other));
      assertThat(ids).containsAll(listing.rest().ids);
    }
  }
}
