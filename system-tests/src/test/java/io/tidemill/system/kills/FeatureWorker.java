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

/**
 * A worker of the test of all features: it writes down when each handler begins and when it is
 * over, within the lease, by the clock that all processes of the host share.
 */
final class FeatureWorker {
  private final HistoryLog history;
  private final String name;

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
            .onRegistered(sentence -> orders.answer(Orders.READY));
    List.of(arguments).subList(4, arguments.length).forEach(word -> offer(builder, word));
    builder.build().start();
    while (true) {
      orders.await();
    }
  }

  /** One of label:NAME=VALUE, amount:NAME=N, queue:NAME=WEIGHT and order:ORDER. */
  private static void offer(WorkerBuilder builder, String word) {
    String[] parts = word.split("[:=]");
    switch (parts[0]) {
      case "label" -> builder.label(parts[1], parts[2]);
      case "amount" -> builder.amount(parts[1], Long.parseLong(parts[2]));
      case "queue" -> builder.queue(parts[1], Integer.parseInt(parts[2]));
      case "order" -> builder.queueOrder(QueueOrder.valueOf("QUEUE_ORDER_" + parts[1]));
      default -> throw new IllegalArgumentException("no such offer: " + word);
    }
  }

  private ByteString run(TaskContext task) throws InterruptedException {
    String id = TaskIds.format(task.taskId());
    String lease = Long.toHexString(task.fencingToken());
    Work work = Work.of(task.payload().toStringUtf8());
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

  private static long succeeded(List<ParentResult> parents) {
    return parents.stream()
        .filter(parent -> parent.getState() == TaskState.TASK_STATE_SUCCEEDED)
        .count();
  }
}
