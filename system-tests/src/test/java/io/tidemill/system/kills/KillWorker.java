package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.rpc.TaskIds;
import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.v1.Verdict;
import io.tidemill.worker.TaskContext;
import io.tidemill.worker.TidemillWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A worker of the storm: the public library, and a handler that writes down what it does. */
final class KillWorker {
  private final HistoryLog history;
  private final String process;

  private KillWorker(HistoryLog history, String process) {
    this.history = history;
    this.process = process;
  }

  /** REGISTER HISTORY NAME: runs until it is killed, or its parent is gone. */
  public static void main(String[] arguments) {
    Orders orders = new Orders();
    String process = arguments[2] + "-" + ProcessHandle.current().pid();
    KillWorker self = new KillWorker(new HistoryLog(Path.of(arguments[1])), process);
    TidemillWorker worker =
        TidemillWorker.builder()
            .register(arguments[0])
            .workerId(arguments[2])
            .capacity(2)
            .logFiguresEvery(Duration.ofHours(1))
            .handler(Job.TYPE, self::run)
            .onNotRecorded(self::refused)
            .onRegistered(sentence -> orders.answer(Orders.READY))
            .build()
            .start();
    while (true) {
      if (orders.await().equals(Orders.QUIET)) {
        while (worker.running() + worker.queued() + worker.unsettled() > 0) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        orders.answer(Orders.QUIET);
      }
    }
  }

  private ByteString run(TaskContext task) {
    String id = TaskIds.format(task.taskId());
    String lease = Long.toHexString(task.fencingToken());
    Job job = Job.of(task.payload().toStringUtf8());
    history.add(Kind.STARTED, process, id, lease);
    long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(job.micros());
    while (end - System.nanoTime() > 0) {
      LockSupport.parkNanos(end - System.nanoTime());
      // One that was superseded goes on, to be told so.
      Thread.interrupted();
    }
    if (job.flaky() && task.attempt() == 1) {
      throw new IllegalStateException("the first attempt of this one fails");
    }
    history.add(Kind.REPORTED, process, id, lease);
    return ByteString.copyFromUtf8(Job.result(id, task.fencingToken(), process, job.key()));
  }

  private void refused(Verdict verdict) {
    history.add(
        Kind.REFUSED,
        process,
        TaskIds.format(verdict.getTaskId()),
        Long.toHexString(verdict.getLease()),
        verdict.getKind());
  }
}
