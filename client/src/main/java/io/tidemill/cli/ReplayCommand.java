package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.Units;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.replay.Measures;
import io.tidemill.replay.ReplayPlots;
import io.tidemill.replay.ReplayReport;
import io.tidemill.replay.Timeline;
import io.tidemill.replay.Trace;
import io.tidemill.replay.TraceException;
import io.tidemill.replay.Workload;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill replay}: runs a recorded workload and tells how it fared. */
@Command(
    name = "replay",
    description = {
      "Runs a recorded workload.",
      "Each job of the trace becomes a task, submitted at its time whatever came of those before. A"
          + " workflow's tasks wait for the ones before them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill replay NASA-iPSC-1993-3.1-cln.swf.gz --jobs 500 --speed 10000 --plots plots",
      "  tidemill replay AzureLLMInferenceTrace_code.csv --until 5m --speed 10 --csv tasks.csv",
      "  tidemill replay epigenomics.json --speed 20 --priority priority --json",
      "  tidemill replay jobs.swf --dry-run --on-bad-line skip"
    })
final class ReplayCommand extends CliCommand {
  private static final int OUTSTANDING_MAX = 1 << 20;

  @Mixin ReplayTraceOptions input;
  @Mixin ReplayTaskOptions mapping;

  @Option(
      names = "--bound",
      paramLabel = "TIME",
      defaultValue = "10s",
      description =
          "Slowdown: shorter runs count as this long, in the trace's time (${DEFAULT-VALUE}).")
  Duration bound;

  /** Who lets the tasks of a workflow go. */
  enum Release {
    SERVER,
    CLIENT
  }

  @Option(
      names = "--release",
      paramLabel = "R",
      description = {
        "Workflows: server (one graph, which is submitted as a whole; otherwise, up to 1,000"
            + " tasks)",
        "or client (each task is submitted when those before it have succeeded)."
      })
  Release release;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write a line for each task.")
  Path csv;

  @Option(names = "--plots", paramLabel = "DIR", description = "Write plots (SVG) there.")
  Path plots;

  @Option(names = "--dry-run", description = "Tell what would be submitted, and submit nothing.")
  boolean dryRun;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      description = "Give up after so long without progress; otherwise never.")
  Duration waitTimeout = TaskWaitCommand.FOR_EVER;

  ReplayCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try {
      Trace trace = input.read();
      mapping.check(trace.format());
      Workload workload = input.limited(trace);
      trace.bad().named().forEach(line -> cli.say("left out: " + line));
      if (dryRun) {
        announce(trace, workload);
        return ExitCodes.OK;
      }
      if (!cli.json()) {
        announce(trace, workload);
      }
      return replay(trace, workload);
    } catch (TraceException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  private void announce(Trace trace, Workload workload) {
    if (cli.json()) {
      cli.print(head(trace, workload));
      return;
    }
    cli.print(
        input.file.getFileName()
            + ": "
            + Units.count(workload.jobs().size())
            + " tasks, "
            + Units.count(workload.leftOut())
            + " jobs left out, "
            + Units.count(workload.shortened())
            + " shortened, "
            + Units.count(trace.bad().count())
            + " bad lines");
    cli.print(
        String.format(
            Locale.ROOT,
            "arrivals within %s, %s of work, at %s times the speed",
            seconds(workload.spanMicros() / 1e6 / mapping.speed),
            seconds(workload.runSeconds() / mapping.runSpeed()),
            Units.rate(mapping.speed)));
  }

  private static String seconds(double seconds) {
    return seconds < 120
        ? Units.micros(Math.round(seconds * 1e6))
        : Units.age(Math.round(seconds * 1e3));
  }

  private JsonObject head(Trace trace, Workload workload) {
    JsonObject json = new JsonObject();
    json.addProperty("trace", String.valueOf(input.file.getFileName()));
    json.addProperty("format", trace.format().label());
    json.addProperty("tasks", workload.jobs().size());
    json.addProperty("left_out", workload.leftOut());
    json.addProperty("shortened", workload.shortened());
    json.addProperty("bad_lines", trace.bad().count());
    json.addProperty("speed", mapping.speed);
    json.addProperty("run_speed", mapping.runSpeed());
    json.addProperty("arrivals_s", workload.spanMicros() / 1e6 / mapping.speed);
    json.addProperty("work_s", workload.runSeconds() / mapping.runSpeed());
    return json;
  }

  private int replay(Trace trace, Workload workload) throws IOException, InterruptedException {
    Account account = new Account(true, null);
    try (TidemillClient client = cli.client()) {
      int places = places(client);
      long[] contradictions = new long[1];
      Timeline timeline =
          isServers(workload)
              ? runGraph(client, workload, account)
              : runOpen(client, workload, account, contradictions);
      long boundMicros = TimeUnit.NANOSECONDS.toMicros(bound.toNanos());
      Measures measures = new Measures(workload, timeline, mapping.runSpeed(), boundMicros);
      report(trace, measures, places, account, contradictions[0]);
      return conclude(timeline, account, contradictions[0]);
    }
  }

  /** Whether the server is to hold tasks back for others. */
  private boolean isServers(Workload workload) {
    return release == Release.SERVER && ReplayGraph.isGraph(workload);
  }

  private Timeline runGraph(TidemillClient client, Workload workload, Account account) {
    ReplayGraph graph =
        new ReplayGraph(workload, job -> mapping.task(workload.jobs().get(job)), account);
    graph.run(client, waitTimeout);
    return graph.timeline();
  }

  private Timeline runOpen(
      TidemillClient client, Workload workload, Account account, long[] contradictions)
      throws InterruptedException {
    int size = workload.jobs().size();
    ReplayRun replay =
        new ReplayRun(
            workload, mapping.speed, job -> mapping.task(workload.jobs().get(job)), account);
    SessionOptions options =
        SessionOptions.defaults().withOutstandingMax(Math.min(OUTSTANDING_MAX, size));
    try (SessionRun run = SessionRun.open(cli, client, options, account, null, size, waitTimeout)) {
      replay.drive(run);
      run.finish();
      contradictions[0] = run.contradictions();
    }
    return replay.timeline();
  }

  /** How many tasks the workers run at a time; 0 if nobody says. */
  private int places(TidemillClient client) {
    try {
      return client.workers(false).stream()
          .filter(worker -> worker.getState() != WorkerState.WORKER_STATE_DRAINING)
          .mapToInt(WorkerInfo::getCapacity)
          .sum();
    } catch (TidemillException e) {
      cli.say("utilisation is not known, since the register was not reached: " + e.getMessage());
      return 0;
    }
  }

  private int conclude(Timeline timeline, Account account, long contradictions) {
    int dropped = timeline.count(Timeline.State.DROPPED);
    if (dropped > 0) {
      cli.say(dropped + " tasks did not run, since one before them did not succeed");
    }
    int unsent = timeline.count(Timeline.State.UNSENT);
    if (unsent > 0) {
      cli.say(unsent + " tasks were not submitted, since the replay was given up");
    }
    int code = account.conclude(cli, contradictions);
    return code == ExitCodes.OK && unsent > 0 ? ExitCodes.TIME_OVER : code;
  }

  private void report(
      Trace trace, Measures measures, int places, Account account, long contradictions)
      throws IOException {
    if (csv != null) {
      try (PrintWriter out =
          new PrintWriter(Files.newBufferedWriter(csv, StandardCharsets.UTF_8))) {
        measures.timeline().writeCsv(measures.workload(), measures, out);
      }
    }
    if (plots != null) {
      ReplayPlots.write(measures, places, plots);
    }
    ReplayReport report = ReplayReport.of(measures, places);
    if (!cli.json()) {
      ReplayText.lines(report, places).forEach(cli::print);
      account.lines(contradictions).stream().limit(2).forEach(cli::print);
      return;
    }
    JsonObject json = head(trace, measures.workload());
    account.json(contradictions).entrySet().stream()
        .filter(entry -> !entry.getKey().endsWith("_us"))
        .forEach(entry -> json.add(entry.getKey(), entry.getValue()));
    json.addProperty("not_run", notRun(measures.timeline()));
    json.addProperty("places", places);
    report.json().entrySet().forEach(entry -> json.add(entry.getKey(), entry.getValue()));
    cli.print(json);
  }

  private static int notRun(Timeline timeline) {
    return timeline.count(Timeline.State.DROPPED) + timeline.count(Timeline.State.UNSENT);
  }
}
