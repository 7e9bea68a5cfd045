package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TaskHeap.LaneHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The two heaps: indexes of one writer, which makes them anew when it starts. */
final class HeapScenarios {
  private HeapScenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    for (int size : new int[] {0, 1, 2, 5, 22}) {
      all.add(lane("push of the best", size, lane -> push(lane, 90, 1_000)));
      all.add(lane("push of the worst", size, lane -> push(lane, -90, 1_000)));
      if (size > 0) {
        all.add(lane("pop", size, LaneHeap::pop));
      }
    }
    all.add(lane("push into the next chunk", TaskHeap.CHUNK_ENTRIES, l -> push(l, 90, 5_000)));
    all.add(
        Scenario.of(
            "pop that gives a chunk back",
            () -> new Lane(TaskHeap.CHUNK_ENTRIES + 1, 1, heap -> heap.lane(1).pop())));
    all.add(Scenario.of("clear of the task heap", () -> new Lane(3, 3, heap -> heap.clear())));
    int[][] loads = {{0, 0}, {0, 5}, {3, 5}, {5, 5}, {9, 1}};
    for (int row = 0; row < 6; row++) {
      for (int[] load : loads) {
        int at = row;
        all.add(
            Scenario.of(
                "worker heap update row=" + row + " load=" + load[0] + "/" + load[1],
                () -> new Workers(heap -> heap.update(at, load[0], load[1]))));
      }
    }
    all.add(Scenario.of("worker heap clear", () -> new Workers(WorkerHeap::clear)));
    all.add(Scenario.of("worker incarnation", () -> new Workers(heap -> heap.incarnation(2, 8))));
    return all;
  }

  private static Scenario lane(String name, int size, Consumer<LaneHeap> work) {
    return Scenario.of(
        name + " at " + size, () -> new Lane(size, size, heap -> work.accept(heap.lane(1))));
  }

  private static void push(LaneHeap lane, int priority, long sequence) {
    lane.push(TaskHeap.first(priority, sequence), TaskHeap.second(sequence, (int) sequence));
  }

  /** A lane of so many entries. Three of the slots are ready when the next writer starts. */
  private static final class Lane extends Scenario.Case {
    private static final int TASKS = 2_000;
    private static final int LANES = 3;

    private final Consumer<TaskHeap> work;
    private final int most;
    private final int size;

    /**
     * @param most entries that it has had
     * @param size that it has now
     */
    Lane(int most, int size, Consumer<TaskHeap> work) {
      super(TestRegions.memory(Kind.TASK_HEAP, TaskHeap.bytes(TASKS, LANES), TASKS));
      this.most = most;
      this.size = size;
      this.work = work;
    }

    @Override
    void operate(Memory by) {
      LateView view = new LateView(memory);
      TaskHeap heap = new TaskHeap(view, TASKS, LANES);
      heap.clear();
      fill(heap.lane(1), most);
      while (heap.lane(1).size() > size) {
        heap.lane(1).pop();
      }
      view.from = by;
      work.accept(heap);
    }

    private static void fill(LaneHeap lane, int size) {
      for (int i = 0; i < size; i++) {
        push(lane, i % 7, i + 1);
      }
    }

    @Override
    void recover(Memory by) {
      TaskHeap heap = new TaskHeap(by, TASKS, LANES);
      heap.clear();
      fill(heap.lane(1), 3);
    }

    @Override
    void look(Memory by) {
      TaskHeap reader = new TaskHeap(by, TASKS, LANES);
      for (int lane = 0; lane < LANES; lane++) {
        assertThat(reader.size(lane)).isBetween(0L, (long) TaskHeap.CHUNK_ENTRIES + 2);
        assertThat(reader.best(lane, 4)).hasSizeLessThanOrEqualTo(4).isSorted();
      }
    }

    @Override
    void check(Memory by) {
      assertThat(new TaskHeap(by, TASKS, LANES).peek(1, 10)).containsExactly(3, 2, 1);
      assertThat(new TaskHeap(by, TASKS, LANES).peek(0, 10)).isEmpty();
    }
  }

  private static final class Workers extends Scenario.Case {
    private static final int ROWS = 6;
    private static final int[] IN_FLIGHT = {2, 1, 0, 4, 3, 0};
    private static final int[] WINDOW = {4, 4, 4, 4, 4, 0};

    private final Consumer<WorkerHeap> work;

    Workers(Consumer<WorkerHeap> work) {
      super(TestRegions.memory(Kind.WORKER_HEAP, WorkerHeap.bytes(ROWS), ROWS));
      this.work = work;
      fill(new WorkerHeap(memory));
    }

    private static void fill(WorkerHeap heap) {
      for (int row = 0; row < ROWS; row++) {
        heap.update(row, IN_FLIGHT[row], WINDOW[row]);
      }
    }

    @Override
    void operate(Memory by) {
      work.accept(new WorkerHeap(by));
    }

    @Override
    void recover(Memory by) {
      WorkerHeap heap = new WorkerHeap(by);
      heap.clear();
      fill(heap);
    }

    @Override
    void look(Memory by) {
      WorkerHeap reader = new WorkerHeap(by);
      assertThat(reader.size()).isBetween(0, ROWS);
      for (int place = 0; place < reader.size(); place++) {
        assertThat(reader.rowAt(place)).isBetween(0, ROWS - 1);
      }
      for (int row = 0; row < ROWS; row++) {
        assertThat(reader.room(row)).isBetween(0, 5);
        assertThat(reader.inFlight(row)).isBetween(0, 9);
      }
    }

    @Override
    void check(Memory by) {
      WorkerHeap heap = new WorkerHeap(by);
      List<Integer> rows = new ArrayList<>();
      for (int place = 0; place < heap.size(); place++) {
        rows.add(heap.rowAt(place));
        int parent = (place - 1) / 2;
        assertThat(heap.inFlight(heap.rowAt(parent)))
            .isLessThanOrEqualTo(heap.inFlight(heap.rowAt(place)));
      }
      assertThat(rows).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
      for (int row = 0; row < ROWS; row++) {
        assertThat(heap.contains(row)).isEqualTo(WINDOW[row] > 0);
        assertThat(heap.inFlight(row)).isEqualTo(IN_FLIGHT[row]);
      }
    }
  }

  /** The writer keeps a part of its heap to itself, so it fills it first, and dies only then. */
  private static final class LateView extends HeapMemory {
    private Memory from;

    LateView(HeapMemory shared) {
      super(shared);
    }

    @Override
    protected void beforeWrite() {
      if (from instanceof ProcessView view) {
        view.beforeWrite();
      }
    }
  }
}
