package io.tidemill.cli.load;

import io.tidemill.cli.text.Latencies;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.client.TaskStates;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What came of each task of a load, and of each class of them. Safe for use by many threads. */
public final class Outcomes {
  private final Plan.Shot[] shots;
  private final long[] workMicros;
  private final long[] submittedMicros;
  private final long[] latencyMicros;
  private final String[] states;
  private final String[] workers;
  private final Map<WorkClass, ClassTotals> totals = new EnumMap<>(WorkClass.class);

  /** The figures of one class. */
  public static final class ClassTotals {
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Latencies latencies = new Latencies();

    public long submittedCount() {
      return submitted.get();
    }

    public long succeededCount() {
      return succeeded.get();
    }

    public long failedCount() {
      return failed.get();
    }

    public Latencies latencies() {
      return latencies;
    }
  }

  public Outcomes(int count) {
    shots = new Plan.Shot[count];
    workMicros = new long[count];
    submittedMicros = new long[count];
    latencyMicros = new long[count];
    states = new String[count];
    workers = new String[count];
    for (WorkClass workClass : WorkClass.values()) {
      totals.put(workClass, new ClassTotals());
    }
  }

  public synchronized void submitted(int index, Plan.Shot shot, long work, long atMicros) {
    shots[index] = shot;
    workMicros[index] = work;
    submittedMicros[index] = atMicros;
    states[index] = "";
    workers[index] = "";
    totals.get(shot.workClass()).submitted.incrementAndGet();
  }

  public synchronized void ended(int index, TaskResult result, long latencyNanos) {
    ClassTotals of = totals.get(shots[index].workClass());
    boolean good = result.getState() == TaskState.TASK_STATE_SUCCEEDED;
    (good ? of.succeeded : of.failed).incrementAndGet();
    of.latencies.recordNanos(latencyNanos);
    latencyMicros[index] = latencyNanos / 1000;
    states[index] = TaskStates.name(result.getState());
    workers[index] = result.getWorkerId();
  }

  public ClassTotals of(WorkClass workClass) {
    return totals.get(workClass);
  }

  /** A row for each class that there were tasks of. */
  public TextTable table() {
    TextTable table =
        new TextTable(
            "class", "submitted", "succeeded", "failed", "mean", "p50", "p95", "p99", "max");
    for (WorkClass workClass : WorkClass.values()) {
      ClassTotals of = totals.get(workClass);
      if (of.submittedCount() > 0) {
        Latencies latencies = of.latencies;
        table.row(
            workClass.label(),
            of.submittedCount(),
            of.succeededCount(),
            of.failedCount(),
            Units.micros(latencies.meanMicros()),
            Units.micros(latencies.micros(50)),
            Units.micros(latencies.micros(95)),
            Units.micros(latencies.micros(99)),
            Units.micros(latencies.maxMicros()));
      }
    }
    return table;
  }

  /** A line for each task that was submitted. */
  public synchronized void writeCsv(PrintWriter out) {
    out.println("number,class,work_us,submitted_us,latency_us,state,worker");
    for (int i = 0; i < shots.length && shots[i] != null; i++) {
      out.println(
          (i + 1)
              + ","
              + shots[i].workClass().label()
              + ","
              + workMicros[i]
              + ","
              + submittedMicros[i]
              + ","
              + (states[i].isEmpty() ? "" : latencyMicros[i])
              + ","
              + states[i]
              + ","
              + workers[i]);
    }
  }
}
