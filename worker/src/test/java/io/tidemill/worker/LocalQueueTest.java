package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.v1.Assignment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LocalQueueTest {
  private static HeldTask task(int priority, long sequence) {
    return new HeldTask(
        Assignment.newBuilder()
            .setTaskId(sequence)
            .setSequence(sequence)
            .setPriority(priority)
            .build(),
        TaskContext::payload,
        null);
  }

  /** Where tasks gain priority while they wait, the Main Scheduler says how they compare. */
  @Test
  void startsByTheRankWhereThereIsOne() {
    HeldTask old = ranked(0, 9, 1);
    HeldTask better = ranked(5, 12, 2);
    HeldTask young = ranked(5, 7, 3);
    HeldTask same = ranked(4, 9, 4);
    List<HeldTask> tasks = new ArrayList<>(List.of(same, young, better, old));
    Collections.sort(tasks);
    assertThat(tasks).containsExactly(better, old, same, young);
  }

  private static HeldTask ranked(int priority, long rank, long sequence) {
    return new HeldTask(
        Assignment.newBuilder()
            .setTaskId(sequence)
            .setSequence(sequence)
            .setPriority(priority)
            .setRank(rank)
            .build(),
        TaskContext::payload,
        null);
  }

  @Test
  void givesTasksInOrderWhateverOrderTheyComeIn() {
    Random random = new Random(11);
    LocalQueue queue = new LocalQueue(1, () -> {});
    LocalQueue.Waiter waiter = queue.enter(Thread.currentThread());
    List<HeldTask> expected = new ArrayList<>();
    long sequence = 0;
    for (int round = 0; round < 2_000; round++) {
      List<HeldTask> batch = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        batch.add(task(random.nextInt(3), ++sequence));
      }
      Collections.shuffle(batch, random);
      queue.add(batch);
      expected.addAll(batch);
      Collections.sort(expected);
      for (int i = Math.min(expected.size(), random.nextInt(4)); i > 0; i--) {
        assertThat(queue.take(waiter)).isSameAs(expected.remove(0));
      }
      if (!expected.isEmpty() && random.nextInt(10) == 0) {
        queue.remove(expected.remove(random.nextInt(expected.size())));
      }
      assertThat(queue.size()).isEqualTo(expected.size());
      assertThat(queue.hasMore()).isEqualTo(!expected.isEmpty());
    }
    assertThat(queue.removeAll()).isEqualTo(expected);
    assertThat(queue.hasMore()).isFalse();
  }

  @Test
  void everyTaskIsTakenOnceByManyExecutors() throws InterruptedException {
    int tasks = 200_000;
    Set<Long> taken = ConcurrentHashMap.newKeySet();
    AtomicInteger count = new AtomicInteger();
    AtomicReference<LocalQueue> self = new AtomicReference<>();
    List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    Runnable spawn =
        () -> {
          Thread thread =
              new Thread(
                  () -> {
                    LocalQueue.Waiter waiter = self.get().enter(Thread.currentThread());
                    HeldTask task;
                    while ((task = self.get().take(waiter)) != null) {
                      taken.add(task.taskId);
                      count.incrementAndGet();
                    }
                  });
          threads.add(thread);
          thread.start();
        };
    LocalQueue queue = new LocalQueue(4, spawn);
    self.set(queue);
    Random random = new Random(5);
    long sequence = 0;
    while (sequence < tasks) {
      List<HeldTask> batch = new ArrayList<>();
      for (int i = 1 + random.nextInt(50); i > 0 && sequence < tasks; i--) {
        batch.add(task(random.nextInt(2), ++sequence));
      }
      queue.add(batch);
    }
    WorkerFixture.until(() -> count.get() == tasks);
    assertThat(taken).hasSize(tasks);
    assertThat(threads).hasSizeLessThanOrEqualTo(4);
    queue.close();
    for (Thread thread : List.copyOf(threads)) {
      thread.join();
    }
  }
}
