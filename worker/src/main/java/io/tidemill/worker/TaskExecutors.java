package io.tidemill.worker;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskReport;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that run handlers, as many as the capacity, started as they are needed. Each claims
 * the best task, runs it, and leaves its report in the outbox: sent by the thread itself if nothing
 * else waits for it, by the sender's thread otherwise, so that neither a result waits for the next
 * task nor the next task for the sending of many.
 */
final class TaskExecutors implements RunWatch.Running {
  private static final long WINDOW_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int WINDOW_LOOK_TASKS = 64;

  private final LocalQueue queue;
  private final Parts parts;
  private final String threadPrefix;
  private final AtomicInteger threadNumber = new AtomicInteger();
  private final CopyOnWriteArrayList<Slot> slots = new CopyOnWriteArrayList<>();

  /** What executors call; set before the first task arrives. */
  interface Parts {
    RunWatch watch();

    Figures figures();

    int resultBytesMax();

    /** A report is ready. */
    void ended(HeldTask task, boolean moreToDo);

    /** Time to look whether the window still fits. */
    void adaptWindow();
  }

  TaskExecutors(int capacity, String threadPrefix, Parts parts) {
    this.threadPrefix = threadPrefix;
    this.parts = parts;
    this.queue = new LocalQueue(capacity, this::startOne);
  }

  LocalQueue queue() {
    return queue;
  }

  private void startOne() {
    Slot slot = new Slot();
    slots.add(slot);
    Thread thread = new Thread(slot, threadPrefix + threadNumber.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public List<HeldTask> tasks() {
    List<HeldTask> tasks = new ArrayList<>();
    for (Slot slot : slots) {
      HeldTask task = slot.current;
      if (task != null) {
        tasks.add(task);
      }
    }
    return tasks;
  }

  int running() {
    int running = 0;
    for (Slot slot : slots) {
      running += slot.current != null ? 1 : 0;
    }
    return running;
  }

  void close() {
    queue.close();
  }

  /** One thread and what it runs now. */
  private final class Slot implements Runnable {
    private volatile HeldTask current;
    private long lookedNanos;

    /** How long the tasks since the last look took. */
    private final long[] took = new long[WINDOW_LOOK_TASKS];

    private int tasksSinceLook;

    @Override
    public void run() {
      Thread self = Thread.currentThread();
      LocalQueue.Waiter waiter = queue.enter(self);
      HeldTask task;
      while ((task = queue.take(waiter)) != null) {
        long start = System.nanoTime();
        if (task.start(self, start)) {
          current = task;
          parts.watch().started();
          execute(task, start);
        }
      }
    }

    private void execute(HeldTask task, long taken) {
      long start = taken;
      TaskReport.Kind kind;
      ByteString result = ByteString.EMPTY;
      String error = "";
      try {
        if (task.gate != null) {
          parts.watch().announce();
          task.gate.await();
          start = System.nanoTime();
        }
        ByteString returned = task.handler.handle(task);
        result = returned == null ? ByteString.EMPTY : returned;
        kind = TaskReport.Kind.KIND_SUCCEEDED;
      } catch (NonRetryableException e) {
        kind = TaskReport.Kind.KIND_FAILED_FOR_GOOD;
        error = text(e);
      } catch (Throwable e) {
        // Whatever a handler throws is its task's failure, not this thread's.
        boolean stopped = isStop(e) && task.isCancelled();
        kind = stopped ? TaskReport.Kind.KIND_CANCELLED : TaskReport.Kind.KIND_FAILED;
        error = stopped ? task.cancelReason() : text(e);
      }
      if (result.size() > parts.resultBytesMax()) {
        kind = TaskReport.Kind.KIND_FAILED_FOR_GOOD;
        error = tooLong(result.size());
        result = ByteString.EMPTY;
      }
      end(task, kind, result, error, start);
    }

    private void end(
        HeldTask task, TaskReport.Kind kind, ByteString result, String error, long start) {
      long end = System.nanoTime();
      current = null;
      task.finish(kind, result, error, (end - start) / 1_000);
      took[tasksSinceLook++] = end - start;
      boolean more = queue.hasMore();
      boolean looks = tasksSinceLook == took.length || end - lookedNanos >= WINDOW_LOOK_NANOS;
      if (looks || !more) {
        parts.figures().ended(took, tasksSinceLook);
        tasksSinceLook = 0;
      }
      parts.ended(task, more);
      if (looks) {
        lookedNanos = end;
        parts.adaptWindow();
      }
    }

    private String tooLong(int bytes) {
      return "the result is too long: bytes="
          + bytes
          + " result.bytes.max="
          + parts.resultBytesMax()
          + "; store it elsewhere and return where";
    }
  }

  private static boolean isStop(Throwable e) {
    return e instanceof CancellationException
        || e instanceof InterruptedException
        || e instanceof InterruptedIOException
        || e instanceof ClosedByInterruptException;
  }

  private static String text(Throwable e) {
    if (e instanceof NonRetryableException && e.getMessage() != null) {
      return e.getMessage();
    }
    String name = e.getClass().getName();
    return e.getMessage() == null ? name : name + ": " + e.getMessage();
  }
}
