package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.Journal;
import io.tidemill.v1.GetStatsResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done now and then, off the way of the tasks: old journal files, idle sessions, a line in
 * the log.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final int INTERVAL_SECONDS = 5;

  /**
   * A finished cycle stays so long in any case: clients that broke off may submit again what stands
   * in it.
   */
  private static final long FINISHED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Instance instance;
  private final Journal journal;
  private final CycleUse cycles;
  private final Sessions sessions;
  private final RecordReaders submissions;
  private final RecordReaders outcomes;
  private final Stats stats;
  private final Runnable clockLook;
  private final Runnable endedLook;
  private final CarryForward carryForward;
  private final TreeMap<Integer, Long> finishedNanos = new TreeMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = new Thread(work, "housekeeping");
            made.setDaemon(true);
            return made;
          });

  Housekeeping(
      Instance instance,
      Journal journal,
      CycleUse cycles,
      Sessions sessions,
      RecordReaders submissions,
      RecordReaders outcomes,
      Stats stats,
      Runnable clockLook,
      Runnable endedLook,
      CarryForward carryForward) {
    this.instance = instance;
    this.journal = journal;
    this.cycles = cycles;
    this.sessions = sessions;
    this.submissions = submissions;
    this.outcomes = outcomes;
    this.stats = stats;
    this.clockLook = clockLook;
    this.endedLook = endedLook;
    this.carryForward = carryForward;
  }

  void start() {
    int logSeconds = instance.settings().integer(Key.LOG_INTERVAL_SECONDS);
    every(INTERVAL_SECONDS, () -> tidy(System.nanoTime()));
    every(1, this::carry);
    every(1, clockLook);
    every(logSeconds, this::log);
  }

  private void every(int seconds, Runnable work) {
    var unused =
        thread.scheduleWithFixedDelay(() -> guarded(work), seconds, seconds, TimeUnit.SECONDS);
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (Throwable broken) {
      Fatal.halt(instance, "housekeeping failed", broken);
    }
  }

  /** All of it but the log. */
  synchronized void tidy(long nowNanos) {
    sessions.expire(nowNanos);
    endedLook.run();
    retire(nowNanos);
    submissions.tidy();
    outcomes.tidy();
  }

  /** What keeps old files alive goes into the newest one; answers how many tasks did. */
  synchronized int carry() {
    return carryForward.turn();
  }

  /**
   * Deletes the cycles in which nothing that lives or is kept has its submission. A crash between
   * the deletion and the publication lets the Register keep its cycles a while longer.
   */
  private void retire(long nowNanos) {
    int keep = cycles.oldestNeeded();
    for (Cycle cycle : journal.cycles()) {
      finishedNanos.putIfAbsent(cycle.number(), nowNanos);
    }
    // The cycle being written, and one written until just now, have not been finished for long.
    int newest = cycles.newest();
    finishedNanos.tailMap(newest).replaceAll((cycle, since) -> nowNanos);
    for (Map.Entry<Integer, Long> entry : finishedNanos.entrySet()) {
      if (nowNanos - entry.getValue() < FINISHED_NANOS) {
        keep = Math.min(keep, entry.getKey());
      }
    }
    if (keep >= 0) {
      delete(keep);
    }
  }

  /** What was carried out of these cycles is on the disk before they go. */
  private void delete(int keep) {
    List<Cycle> all = journal.cycles();
    if (!all.isEmpty() && all.get(0).number() < keep) {
      journal.force();
    }
    long freed = journal.deleteCyclesBefore(keep);
    if (freed > 0) {
      LOG.info("submissions retired: cycles_before={} freed_bytes={}", keep, freed);
    }
    cycles.forgetBefore(keep);
    finishedNanos.headMap(keep).clear();
    long oldest = cycles.outcomesNeededAfter();
    // After a start less may be known than before it, and what was true stays true.
    if (oldest > instance.control().submissionsOldest()) {
      instance.control().submissionsOldest(oldest);
    }
  }

  private void log() {
    GetStatsResponse now = stats.get();
    LOG.info(
        "tasks_per_s={} p50_us={} p95_us={} p99_us={} accepted={} recorded={} sessions={}"
            + " workers_alive={} depth={}",
        Math.round(now.getTasksPerS()),
        now.getP50Us(),
        now.getP95Us(),
        now.getP99Us(),
        now.getAccepted(),
        now.getRecorded(),
        sessions.size(),
        now.getWorkersAlive(),
        depth(now));
  }

  private static String depth(GetStatsResponse stats) {
    StringBuilder text = new StringBuilder();
    stats
        .getStatesList()
        .forEach(
            state ->
                text.append(text.length() == 0 ? "" : ",")
                    .append(state.getState().name().replace("TASK_STATE_", ""))
                    .append(':')
                    .append(state.getCount()));
    return text.toString();
  }

  @Override
  public void close() throws InterruptedException {
    thread.shutdownNow();
    thread.awaitTermination(5, TimeUnit.SECONDS);
  }
}
