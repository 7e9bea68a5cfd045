package io.tidemill.cli;

import com.google.protobuf.ByteString;
import io.tidemill.client.Priorities;
import io.tidemill.replay.Job;
import io.tidemill.replay.TraceFormat;
import io.tidemill.v1.TaskSpec;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** What task stands for a job of a trace. */
final class ReplayTaskOptions {
  private static final double SPEED_MAX = 1e9;

  /** Longer ones get an execution timeout of their own. */
  private static final long LONG_MICROS = TimeUnit.MINUTES.toMicros(30);

  @Option(
      names = "--speed",
      paramLabel = "X",
      defaultValue = "1",
      description = "So many times faster than the trace (${DEFAULT-VALUE}).")
  double speed;

  @Option(
      names = "--run-speed",
      paramLabel = "X",
      description = "So many times shorter runs, if not by --speed as the arrivals.")
  Double runSpeed;

  @Option(
      names = "--type",
      paramLabel = "T",
      defaultValue = "sleep",
      description = "A type whose payload is microseconds: sleep or spin (${DEFAULT-VALUE}).")
  String type;

  @Option(
      names = "--priority",
      paramLabel = "P",
      defaultValue = "0",
      description = {
        "A number or a name (low, normal, high, urgent) for all, or a field of the trace whose",
        "value is each job's priority, or",
        "-FIELD: the smaller, the sooner (--priority=-run_time). Unknown values count as 0."
      })
  String priority;

  private int field = -1;
  private int sign;
  private int constant;

  double runSpeed() {
    return runSpeed == null ? speed : runSpeed;
  }

  /** Refuses what makes no task; the trace's format says which fields there are. */
  void check(TraceFormat format) {
    boolean fastEnough = speed >= 1 / SPEED_MAX && runSpeed() >= 1 / SPEED_MAX;
    if (!fastEnough || speed > SPEED_MAX || runSpeed() > SPEED_MAX) {
      throw CliException.usage(
          "bad speed: speed=" + speed + " run_speed=" + runSpeed() + "; give 1e-9 to 1e9");
    }
    if (isConstant(format)) {
      constant = constant();
      return;
    }
    sign = priority.startsWith("-") ? -1 : 1;
    field = format.fields().indexOf(priority.replaceFirst("^-", ""));
    if (field < 0) {
      throw CliException.usage(
          "there is no such field: priority="
              + priority
              + " format="
              + format.label()
              + "; give a number or one of "
              + String.join(", ", format.fields()));
    }
  }

  /** A field of the trace goes before a name. */
  private boolean isConstant(TraceFormat format) {
    return priority.matches("-?[0-9]+")
        || (priority.matches("(?i)low|normal|high|urgent") && !format.fields().contains(priority));
  }

  private int constant() {
    try {
      return Priorities.parse(priority);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  int priority(Job job) {
    if (field < 0) {
      return constant;
    }
    long value = job.fields().get(field);
    long signed = value == -1 ? 0 : sign * value;
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, signed));
  }

  TaskSpec task(Job job) {
    long micros = Math.round(job.runMicros() / runSpeed());
    TaskSpec.Builder spec =
        TaskSpec.newBuilder()
            .setType(type)
            .setPriority(priority(job))
            .setPayload(ByteString.copyFromUtf8(String.valueOf(micros)));
    if (micros > LONG_MICROS) {
      long limit = TimeUnit.MICROSECONDS.toMillis(Math.min(micros, Long.MAX_VALUE / 2) * 2);
      spec.setExecutionTimeoutMs((int) Math.min(Integer.MAX_VALUE, limit));
    }
    return spec.build();
  }
}
