package io.tidemill.cli;

import io.tidemill.replay.BadLines;
import io.tidemill.replay.Trace;
import io.tidemill.replay.TraceFormat;
import io.tidemill.replay.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What of which trace a replay runs. */
final class ReplayTraceOptions {
  /** What to do about a line that is no job. */
  enum OnBadLine {
    SKIP,
    REFUSE
  }

  /** Whether a job is one task, or as many as it had processors. */
  enum Processors {
    ONE,
    EACH
  }

  @Parameters(
      paramLabel = "FILE",
      description =
          "The trace, compressed with gzip or not: .swf, .csv (Azure) or .json (WfFormat).")
  Path file;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "swf, azure or wfformat; otherwise by the file's name.")
  TraceFormat format;

  @Option(
      names = "--on-bad-line",
      paramLabel = "W",
      defaultValue = "refuse",
      description = {
        "refuse (name the first line that is no job, and end) or skip (leave such lines out and",
        "name them); ${DEFAULT-VALUE} unless set."
      })
  OnBadLine onBadLine;

  @Option(names = "--jobs", paramLabel = "N", description = "The first so many jobs; all.")
  int jobs = Trace.JOBS_MAX;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Jobs from this time on, after the trace's first arrival.")
  Duration from;

  @Option(names = "--until", paramLabel = "TIME", description = "Jobs before this time.")
  Duration until;

  @Option(
      names = "--max-run",
      paramLabel = "TIME",
      description = "No job runs for longer, in the trace's time.")
  Duration maxRun;

  @Option(
      names = "--processors",
      paramLabel = "P",
      defaultValue = "one",
      description = "A job is one task, or each of its processors is (${DEFAULT-VALUE}).")
  Processors processors;

  @Option(
      names = "--context-token",
      paramLabel = "TIME",
      defaultValue = "250us",
      description = "Azure: how long reading a token took (${DEFAULT-VALUE}).")
  Duration contextToken;

  @Option(
      names = "--generated-token",
      paramLabel = "TIME",
      defaultValue = "25ms",
      description = "Azure: how long writing a token took (${DEFAULT-VALUE}).")
  Duration generatedToken;

  Trace read() {
    if (format == null) {
      format = TraceFormat.ofFile(String.valueOf(file.getFileName()));
    }
    BadLines bad = onBadLine == OnBadLine.SKIP ? BadLines.skipped() : BadLines.refused();
    Trace.TokenTimes tokens =
        new Trace.TokenTimes(micros(contextToken, 0), micros(generatedToken, 0));
    return Trace.read(file, format, tokens, bad);
  }

  Workload limited(Trace trace) {
    long fromMicros = micros(from, 0);
    long untilMicros = micros(until, Long.MAX_VALUE);
    if (jobs < 1 || fromMicros >= untilMicros) {
      throw CliException.usage(
          "bad limits: jobs="
              + jobs
              + " from_us="
              + fromMicros
              + " until_us="
              + untilMicros
              + "; give 1 job or more, and a --from before --until");
    }
    Workload.Limits limits =
        new Workload.Limits(
            jobs,
            fromMicros,
            untilMicros,
            micros(maxRun, Long.MAX_VALUE),
            processors == Processors.EACH);
    Workload workload = Workload.of(trace, limits);
    if (workload.jobs().isEmpty()) {
      throw CliException.usage(
          "nothing to replay: file="
              + file
              + " jobs="
              + trace.jobs().size()
              + " within_limits=0; widen --from and --until");
    }
    return workload;
  }

  private static long micros(Duration time, long otherwise) {
    return time == null ? otherwise : TimeUnit.NANOSECONDS.toMicros(time.toNanos());
  }
}
