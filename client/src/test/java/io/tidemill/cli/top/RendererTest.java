package io.tidemill.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.cli.text.Style;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RendererTest {
  private static final WorkerState[] STATES = {
    WorkerState.WORKER_STATE_ALIVE,
    WorkerState.WORKER_STATE_LATE,
    WorkerState.WORKER_STATE_DEAD,
    WorkerState.WORKER_STATE_DRAINING
  };

  private final Renderer renderer = new Renderer(Style.PLAIN, ZoneOffset.UTC);
  private final View view = new View();

  private static Snapshot snapshot(int workerCount) {
    List<WorkerInfo> workers = new ArrayList<>();
    for (int i = 0; i < workerCount; i++) {
      workers.add(
          WorkerInfo.newBuilder()
              .setWorkerId(String.format("worker-%03d", i))
              .setState(STATES[i % STATES.length])
              .setCapacity(4)
              .setInFlight(i % 5)
              .setSucceeded(1000L - i)
              .setRate(i)
              .setServiceUs(1500)
              .setLastBeatMs(400)
              .build());
    }
    GetStatsResponse stats =
        GetStatsResponse.newBuilder()
            .addStates(
                GetStatsResponse.StateCount.newBuilder()
                    .setState(TaskState.TASK_STATE_READY)
                    .setCount(12_345))
            .addPriorities(
                GetStatsResponse.PriorityCount.newBuilder().setPriority(-3).setCount(12_345))
            .addProcesses(process("plm", "ALIVE"))
            .addProcesses(process("scheduler", "STALLED"))
            .setTasksPerS(51_000)
            .setP50Us(210)
            .setP99Us(4_500)
            .build();
    Snapshot.Link link = new Snapshot.Link("127.0.0.1:7411", 0, "");
    return new Snapshot(1_700_000_000_000L, stats, workers, link, link);
  }

  private static ProcessInfo process(String role, String state) {
    return ProcessInfo.newBuilder()
        .setRole(role)
        .setState(state)
        .setPid(42)
        .setIncarnation(3)
        .setRestarts(2)
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 80, 132, 300})
  void keepsToWidthAndHeight(int width) {
    for (int height : new int[] {1, 2, 10, 16, 24, 60}) {
      List<String> lines = renderer.render(snapshot(50), view, width, height);
      assertThat(lines).hasSizeLessThanOrEqualTo(height);
      assertThat(lines).allMatch(line -> line.length() <= width);
    }
  }

  @Test
  void showsEverythingWithoutEnd() {
    List<String> lines = renderer.render(snapshot(50), view, 132, Renderer.UNBOUNDED);
    assertThat(lines).anyMatch(line -> line.startsWith("worker-049"));
    assertThat(String.join("\n", lines))
        .contains("22:13:20")
        .contains("51,000 tasks/s")
        .contains("p50 210 us")
        .contains("READY 12,345")
        .contains("priority -3: 12,345")
        .contains("scheduler  STALLED")
        .contains("1.50 ms");
  }

  @Test
  void scrollsAndStopsAtTheEnds() {
    Snapshot many = snapshot(100);
    view.scroll(1000);
    assertThat(renderer.render(many, view, 100, 30)).anyMatch(l -> l.startsWith("worker-099"));
    view.scroll(-1000);
    assertThat(renderer.render(many, view, 100, 30)).anyMatch(l -> l.startsWith("worker-000"));
    view.scroll(3);
    assertThat(renderer.render(many, view, 100, 30))
        .noneMatch(l -> l.startsWith("worker-002"))
        .anyMatch(l -> l.startsWith("worker-003"));
  }

  @Test
  void keepsTheHeightWhenServersAreAway() {
    Snapshot well = snapshot(50);
    Snapshot.Link away = new Snapshot.Link("127.0.0.1:7411", 1_700_000_000_000L, "refused");
    Snapshot ill = new Snapshot(well.timeMillis(), well.stats(), well.workers(), away, away);
    List<String> lines = renderer.render(ill, view, 80, 24);
    assertThat(lines).hasSize(24);
    assertThat(lines).contains("plm unreachable since 22:13:20: refused");
    assertThat(lines).anyMatch(l -> l.startsWith("worker-000"));
  }

  @Test
  void sortsFiltersAndReverses() {
    Snapshot some = snapshot(8);
    while (view.sort() != View.Sort.RATE) {
      view.nextSort();
    }
    assertThat(workers(some)).startsWith("worker-007");
    view.reverse();
    assertThat(workers(some)).startsWith("worker-000");
    view.editFilter();
    "dead".chars().forEach(view::typed);
    assertThat(String.join("\n", renderer.render(some, view, 100, 24))).contains("filter: dead_");
    view.typed('\r');
    assertThat(workers(some)).containsExactly("worker-002", "worker-006");
    view.editFilter();
    view.typed(27);
    assertThat(workers(some)).hasSize(8);
  }

  private List<String> workers(Snapshot snapshot) {
    return renderer.render(snapshot, view, 100, 40).stream()
        .filter(line -> line.startsWith("worker-"))
        .map(line -> line.substring(0, 10))
        .toList();
  }

  @Test
  void coloursByStateOnlyWhenAsked() {
    Renderer coloured = new Renderer(Style.COLOUR, ZoneOffset.UTC);
    List<String> lines = coloured.render(snapshot(4), view, 30, 40);
    assertThat(lines).anyMatch(line -> line.startsWith("\u001b[31mworker-002"));
    assertThat(lines).anyMatch(line -> line.startsWith("\u001b[33mworker-001"));
    assertThat(renderer.render(snapshot(4), view, 30, 40))
        .noneMatch(line -> line.contains("\u001b"));
  }

  @Test
  void keepsControlCharactersOffTheTerminal() {
    Snapshot well = snapshot(0);
    Snapshot evil =
        new Snapshot(
            well.timeMillis(),
            well.stats(),
            List.of(WorkerInfo.newBuilder().setWorkerId("evil\u001b[2J\n").build()),
            well.plm(),
            well.register());
    assertThat(renderer.render(evil, view, 80, 24)).noneMatch(line -> line.contains("\u001b"));
  }
}
