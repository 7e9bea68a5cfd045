package io.tidemill.plm;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.FollowTaskResponse;
import io.tidemill.v1.Task;
import java.util.Objects;

/**
 * One client that follows a task. It reads the ring of parts by itself, only while the client takes
 * what it is sent, so that one that is slow costs nobody anything: it misses what the ring does not
 * keep for it. On the thread of {@link Follows}, but for the two flags.
 */
final class Follower {
  /** Sent in one message, if they follow each other. */
  private static final int MESSAGE_BYTES_MAX = 64 << 10;

  /** What followers look at. */
  record Sources(
      int epoch,
      TaskTable tasks,
      NoteTable notes,
      PartialRing ring,
      TaskViews views,
      Waits waits) {}

  private final Sources sources;
  private final long taskId;
  private final ServerCallStreamObserver<FollowTaskResponse> call;
  private final PartialRing.Part part = new PartialRing.Part();

  private volatile boolean ended;
  private volatile boolean gone;

  private long next;
  private int lease;

  /** Bytes under the lease that have been sent, or told as lost. */
  private long through;

  private long toldWord;
  private NoteTable.Note toldNote;

  Follower(Sources sources, long taskId, ServerCallStreamObserver<FollowTaskResponse> call) {
    this.sources = sources;
    this.taskId = taskId;
    this.call = call;
    this.next = sources.ring().oldest(sources.ring().end());
  }

  long taskId() {
    return taskId;
  }

  /** The task has ended, and all that it emitted stands in the ring. */
  void ended() {
    ended = true;
  }

  /** Nobody listens any more. */
  void gone() {
    gone = true;
  }

  void refuse(StatusRuntimeException why) {
    call.onError(why);
  }

  /** Sends what there is, as far as the client takes it; true: that was all. */
  boolean turn() {
    if (gone || call.isCancelled()) {
      return true;
    }
    // Looked at before the ring, which has everything by then.
    boolean isEnd = ended;
    tellChanges(isEnd);
    if (!sendParts() || !isEnd) {
      return false;
    }
    Task task = sources.views().view(taskId);
    if (task == null) {
      call.onError(sources.waits().notFound(taskId));
    } else {
      call.onNext(FollowTaskResponse.newBuilder().setEnded(task).build());
      call.onCompleted();
    }
    return true;
  }

  /** Looks at two words of the mapped files, and at more only if one of them has changed. */
  private void tellChanges(boolean isEnd) {
    long word = sources.tasks().wordOf(taskId);
    if (isEnd || word == -1 || !call.isReady()) {
      return;
    }
    NoteTable.Note note = sources.notes().read(taskId);
    if (word == toldWord && Objects.equals(note, toldNote)) {
      return;
    }
    Task task = sources.views().live(taskId);
    if (task != null && !Waits.isEnd(task)) {
      toldWord = word;
      toldNote = note;
      call.onNext(FollowTaskResponse.newBuilder().setChanged(task).build());
    }
  }

  /** False: the client does not take it all now. */
  private boolean sendParts() {
    while (call.isReady()) {
      switch (sources.ring().read(next, taskId, part)) {
        case NOT_YET -> {
          return true;
        }
        case GONE -> next = Math.max(next + 1, sources.ring().oldest(sources.ring().end()));
        case OTHER -> next++;
        case READ -> send();
      }
    }
    return false;
  }

  /** The part that was read, and those behind it that belong to it. */
  private void send() {
    if (part.lease() != lease) {
      lease = part.lease(); // Another worker, or another attempt: from the beginning.
      through = 0;
    }
    if (part.position() < through && part.position() + part.length() <= through) {
      next++; // Of a report that was sent again, since a Register died with it.
      return;
    }
    int attempt = part.attempt();
    long from = part.position();
    long lost = Math.max(0, from - through);
    ByteString data = copy();
    next++;
    while (data.size() < MESSAGE_BYTES_MAX
        && sources.ring().read(next, taskId, part) == PartialRing.Look.READ
        && part.lease() == lease
        && part.position() == from + data.size()) {
      data = data.concat(copy());
      next++;
    }
    if (lost == 0 && data.isEmpty()) {
      return; // That was the end, and nothing was lost before it.
    }
    through = from + data.size();
    call.onNext(
        FollowTaskResponse.newBuilder()
            .setPart(
                EmittedPart.newBuilder()
                    .setAttempt(attempt)
                    .setLease(TaskId.lease(sources.epoch(), lease))
                    .setPosition(from)
                    .setData(data)
                    .setLostBytes(lost))
            .build());
  }

  private ByteString copy() {
    return ByteString.copyFrom(part.data(), 0, part.length());
  }
}
