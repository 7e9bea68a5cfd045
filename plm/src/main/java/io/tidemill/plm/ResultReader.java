package io.tidemill.plm;

import com.google.protobuf.UnsafeByteOperations;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.nio.charset.StandardCharsets;

/** Makes results, as streams have them, of outcome records. For one thread. */
final class ResultReader implements AutoCloseable {
  private final RecordReaders.Lent lent;
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private String lastWorker = "";
  private byte[] lastWorkerBytes = {};

  ResultReader(RecordReaders outcomes) {
    this.lent = outcomes.lend();
  }

  /** The result whose record stands at a position; null if it is no longer kept. */
  TaskResult read(long position, long number) {
    RecordView view = lent.read(position);
    if (view == null) {
      return null;
    }
    outcome.wrap(view);
    TaskResult.Builder result =
        TaskResult.newBuilder()
            .setTaskId(outcome.taskId())
            .setStateValue(outcome.state())
            .setNumber(number)
            .setWorkerId(worker())
            .setError(outcome.error());
    if (outcome.resultLength() > 0) {
      result.setResult(UnsafeByteOperations.unsafeWrap(outcome.resultBytes()));
    }
    return result.build();
  }

  private String worker() {
    if (!outcome.workerEquals(lastWorkerBytes)) {
      lastWorker = outcome.workerId();
      lastWorkerBytes = lastWorker.getBytes(StandardCharsets.UTF_8);
    }
    return lastWorker;
  }

  /** What stands for a task that is not known, or not any more. */
  static TaskResult unknown(long taskId, long number, String error) {
    return TaskResult.newBuilder()
        .setTaskId(taskId)
        .setState(TaskState.TASK_STATE_UNSPECIFIED)
        .setNumber(number)
        .setError(error)
        .build();
  }

  @Override
  public void close() {
    lent.close();
  }
}
