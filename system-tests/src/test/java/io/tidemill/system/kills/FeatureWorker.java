package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.rpc.TaskIds;
import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.TaskState;
import io.tidemill.worker.TaskContext;
import io.tidemill.worker.TidemillWorker;
import io.tidemill.worker.WorkerBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker of the test of all features: it writes down when each handler begins and when it is
 * over, within the lease, by the clock that all processes of the host share.
 */
final class FeatureWorker {
  private final HistoryLog history;
  private final String name;

  /** How many handlers may begin, if that is for the harness to say. */
  private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);

  private FeatureWorker(HistoryLog history, String name) {
    this.history = history;
    this.name = name;
  }

  /** REGISTER HISTORY NAME CAPACITY OFFER...: runs until it is killed, or its parent is gone. */
  public static void main(String[] arguments) {
    Orders orders = new Orders();
    FeatureWorker self = new FeatureWorker(new HistoryLog(Path.of(arguments[1])), arguments[2]);
    WorkerBuilder builder =
        TidemillWorker.builder()
            .register(arguments[0])
            .workerId(arguments[2])
            .capacity(Integer.parseInt(arguments[3]))
            .logFiguresEvery(Duration.ofHours(1))
            .handler(Work.TYPE, self::run)
            .handler(EmittedLines.TYPE, self::emit)
            .onRegistered(sentence -> orders.answer(Orders.READY));
    List.of(arguments).subList(4, arguments.length).forEach(word -> self.offer(builder, word));
    TidemillWorker worker = builder.build().start();
    while (true) {
      String order = orders.await();
      if (order.equals(Orders.REPORTED)) {
        while (worker.unsettled() == 0) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        orders.answer(order);
      } else {
        self.permits.release(Integer.parseInt(order));
      }
    }
  }

  /**
   * One of label:NAME=VALUE, amount:NAME=N, queue:NAME=WEIGHT and order:ORDER; or "gated": it has
   * handlers begin, or end that emit, as the harness permits it, so many with each order, which is
   * a number.
   */
  private void offer(WorkerBuilder builder, String word) {
    String[] parts = word.split("[:=]");
    switch (parts[0]) {
      case "label" -> builder.label(parts[1], parts[2]);
      case "amount" -> builder.amount(parts[1], Long.parseLong(parts[2]));
      case "queue" -> builder.queue(parts[1], Integer.parseInt(parts[2]));
      case "gated" -> permits.drainPermits();
      case "order" -> builder.queueOrder(QueueOrder.valueOf("QUEUE_ORDER_" + parts[1]));
      default -> throw new IllegalArgumentException("no such offer: " + word);
    }
  }

  private ByteString run(TaskContext task) throws InterruptedException {
    String id = TaskIds.format(task.taskId());
    String lease = Long.toHexString(task.fencingToken());
    Work work = Work.of(task.payload().toStringUtf8());
    permits.acquire();
    history.add(
        Kind.STARTED,
        name,
        id,
        lease,
        System.nanoTime(),
        task.attempt(),
        succeeded(task.parents()));
    try {
      Thread.sleep(work.millis());
      if (task.attempt() <= work.failures()) {
        throw new IllegalStateException("this attempt fails");
      }
      return ByteString.copyFromUtf8(Job.result(id, task.fencingToken(), name, work.name()));
    } finally {
      history.add(Kind.REPORTED, name, id, lease, System.nanoTime());
    }
  }

  /** Emits lines until it may end, the last ones with its end; answers how many bytes. */
  private ByteString emit(TaskContext task) throws InterruptedException {
    long lines = 0;
    boolean last = false;
    while (!last) {
      last = permits.tryAcquire(5, TimeUnit.MILLISECONDS);
      task.emit(EmittedLines.line(lines++));
    }
    return ByteString.copyFromUtf8(Long.toString(lines * EmittedLines.LINE_BYTES));
  }

  private static long succeeded(List<ParentResult> parents) {
    return parents.stream()
        .filter(parent -> parent.getState() == TaskState.TASK_STATE_SUCCEEDED)
        .count();
  }
}
