package io.tidemill.cli;

import io.tidemill.client.ResultListener;
import io.tidemill.replay.Releases;
import io.tidemill.replay.Timeline;
import io.tidemill.replay.Workload;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Submits each job of a workload at its time, whatever came of those before (open loop); those of a
 * workflow when the ones before them have succeeded.
 */
final class ReplayRun {
  /** How often it looks whether the run was given up while nothing is to be submitted. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Workload workload;
  private final double speed;
  private final IntFunction<TaskSpec> specs;
  private final Account account;
  private final Timeline timeline;
  private final Releases releases;

  /** Jobs that may go since the last of those before them has ended. */
  private final BlockingQueue<Released> released = new LinkedBlockingQueue<>();

  private final AtomicInteger undecided;
  private long startNanos;

  private record Released(int job, long atMicros) {}

  /**
   * A replay that has not begun.
   *
   * @param speed how much faster jobs come than in the trace
   * @param specs the task of each job
   */
  ReplayRun(Workload workload, double speed, IntFunction<TaskSpec> specs, Account account) {
    this.workload = workload;
    this.speed = speed;
    this.specs = specs;
    this.account = account;
    this.timeline = new Timeline(workload.jobs().size());
    this.releases = Releases.here(workload.jobs(), this::release, this::drop);
    this.undecided = new AtomicInteger(workload.jobs().size());
  }

  Timeline timeline() {
    return timeline;
  }

  private void release(int job) {
    released.add(new Released(job, nowMicros()));
  }

  private void drop(int job) {
    timeline.gaveUp(job, Timeline.State.DROPPED);
    undecided.decrementAndGet();
  }

  private long nowMicros() {
    return (System.nanoTime() - startNanos) / 1_000;
  }

  private long dueMicros(int job) {
    return Math.round(workload.jobs().get(job).submitMicros() / speed);
  }

  /** Submits until nothing is left to submit, or the run was given up. */
  void drive(SessionRun run) throws InterruptedException {
    startNanos = System.nanoTime();
    int next = nextFree(0);
    boolean going = true;
    while (going && undecided.get() > 0 && !run.isOver()) {
      Released job = released.poll(untilDue(next), TimeUnit.NANOSECONDS);
      if (job != null) {
        going = submit(run, job.job(), job.atMicros());
      } else if (next < timeline.jobs() && dueMicros(next) <= nowMicros()) {
        going = submit(run, next, dueMicros(next));
        next = nextFree(next + 1);
      }
    }
  }

  private int nextFree(int from) {
    int job = from;
    while (job < timeline.jobs() && !releases.isFree(job)) {
      job++;
    }
    return job;
  }

  private long untilDue(int next) {
    if (next == timeline.jobs()) {
      return LOOK_NANOS;
    }
    long nanos = TimeUnit.MICROSECONDS.toNanos(dueMicros(next)) - (System.nanoTime() - startNanos);
    return Math.max(0, Math.min(LOOK_NANOS, nanos));
  }

  private boolean submit(SessionRun run, int job, long intendedMicros) throws InterruptedException {
    timeline.sent(job, intendedMicros, nowMicros());
    undecided.decrementAndGet();
    return run.submit(specs.apply(job), new JobListener(job));
  }

  /** Takes one job's end to the account, to its own line, and to those that wait for it. */
  private final class JobListener implements ResultListener {
    private final int job;

    JobListener(int job) {
      this.job = job;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      account.ended(handle, result, latencyNanos);
      boolean succeeded = result.getState() == TaskState.TASK_STATE_SUCCEEDED;
      if (result.getState() == TaskState.TASK_STATE_UNSPECIFIED) {
        timeline.gaveUp(job, Timeline.State.LOST);
      } else {
        timeline.ended(job, succeeded, nowMicros(), result.getWorkerId());
      }
      releases.ended(job, succeeded);
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      account.refused(handle, refusal);
      timeline.gaveUp(job, Timeline.State.REFUSED);
      releases.ended(job, false);
    }

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      account.accepted(handle, taskId, latencyNanos);
    }

    @Override
    public void abandoned(long handle, long taskId, String why) {
      account.abandoned(handle, taskId, why);
      timeline.gaveUp(job, Timeline.State.LOST);
    }
  }
}
