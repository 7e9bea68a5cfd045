package io.tidemill.cli;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.cli.load.Outcomes;
import io.tidemill.cli.load.Plan;
import io.tidemill.cli.load.Scenario;
import io.tidemill.cli.load.WorkClass;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill load}: submits a load of a known shape and tells how it fared. */
@Command(
    name = "load",
    description = {
      "Submits a load and tells how it fared.",
      "One of burst (20 tasks at once), gradual (10 at intervals), long (5 long ones), mixed (70 %% short, 20 %% medium, 10 %% long at a rate)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill load --scenario burst",
      "  tidemill load --scenario gradual --count 20 --interval 250ms",
      "  tidemill load --scenario mixed --rate 500 --duration 30s --csv load.csv",
      "  tidemill load --scenario mixed --count 1000 --rate 200 --seed 7 --json"
    })
final class LoadCommand extends CliCommand {
  private static final double NANOS = 1e9;
  private static final int COUNT_MAX = 10_000_000;

  @Option(
      names = "--scenario",
      required = true,
      paramLabel = "S",
      description = "One of burst, gradual, long, mixed.")
  Scenario scenario;

  @Option(
      names = "--type",
      paramLabel = "T",
      defaultValue = "sleep",
      description = "A type whose payload is microseconds: sleep or spin (${DEFAULT-VALUE}).")
  String type;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many tasks: burst 20, gradual 10, long 5, mixed 200 unless set.")
  Integer count;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Tasks a second, of gradual and mixed (mixed: 50 unless set).")
  Double rate;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "Between two tasks of gradual (${DEFAULT-VALUE}).")
  Duration interval;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long gradual or mixed goes on, instead of a count.")
  Duration duration;

  @Option(
      names = "--short-us",
      paramLabel = "US",
      defaultValue = "500",
      description = "How long a short task works (${DEFAULT-VALUE}).")
  long shortMicros;

  @Option(
      names = "--medium-us",
      paramLabel = "US",
      defaultValue = "20000",
      description = "How long a medium task works (${DEFAULT-VALUE}).")
  long mediumMicros;

  @Option(
      names = "--long-us",
      paramLabel = "US",
      defaultValue = "1000000",
      description = "How long a long task works (${DEFAULT-VALUE}).")
  long longMicros;

  @Option(
      names = "--priority",
      paramLabel = "P",
      converter = PriorityConverter.class,
      description = "Of all of them: a number, or low, normal, high, urgent (normal, which is 0).")
  int priority;

  @Option(names = "--seed", paramLabel = "N", description = "Of the order of mixed.")
  Long seed;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write a line for each task.")
  Path csv;

  @Option(
      names = "--ledger",
      paramLabel = "FILE",
      description = "Append what was acknowledged and told, for an audit.")
  Path ledgerFile;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      description = "Give up after so long without progress; otherwise never.")
  Duration waitTimeout = TaskWaitCommand.FOR_EVER;

  LoadCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    long usedSeed = seed == null ? System.nanoTime() & 0xffff_ffffL : seed;
    List<Plan.Shot> plan = plan(usedSeed);
    if (!cli.json()) {
      cli.print("scenario " + label() + ", " + plan.size() + " tasks, seed " + usedSeed);
    }
    try (TidemillClient client = cli.client();
        Ledger ledger = ledgerFile == null ? null : new Ledger(ledgerFile)) {
      return run(client, ledger, plan, usedSeed);
    }
  }

  private String label() {
    return scenario.name().toLowerCase(Locale.ROOT);
  }

  private void check() {
    boolean goodCount = count == null || (count >= 1 && count <= COUNT_MAX);
    boolean goodRate = rate == null || (rate > 0 && rate <= 10_000_000);
    boolean goodWork = shortMicros >= 0 && mediumMicros >= 0 && longMicros >= 0;
    if (!goodCount || !goodRate || !goodWork || interval.isZero()) {
      throw CliException.usage(
          "bad load: count="
              + count
              + " rate="
              + rate
              + " interval="
              + interval
              + "; give a count of 1 to "
              + COUNT_MAX
              + ", a rate and an interval above 0 and times of 0 or more");
    }
    if (count != null && duration != null) {
      throw CliException.usage("--count and --duration exclude each other; give one of them");
    }
  }

  private List<Plan.Shot> plan(long usedSeed) {
    return switch (scenario) {
      case BURST -> Plan.atOnce(counted(20, 0), WorkClass.SHORT);
      case LONG -> Plan.atOnce(counted(5, 0), WorkClass.LONG);
      case GRADUAL -> {
        Duration gap = rate == null ? interval : Duration.ofNanos((long) (NANOS / rate));
        yield Plan.spaced(counted(10, NANOS / gap.toNanos()), gap, WorkClass.MEDIUM);
      }
      case MIXED -> {
        double perSecond = rate == null ? 50 : rate;
        yield Plan.mixed(counted(200, perSecond), perSecond, usedSeed);
      }
    };
  }

  /**
   * The count that was asked for, or that fills the time that was asked for, or the scenario's own.
   */
  private int counted(int otherwise, double perSecond) {
    if (count != null) {
      return count;
    }
    if (duration == null || perSecond == 0) {
      return otherwise;
    }
    double fill = duration.toNanos() / NANOS * perSecond;
    return (int) Math.max(1, Math.min(COUNT_MAX, Math.round(fill)));
  }

  private long micros(WorkClass workClass) {
    return switch (workClass) {
      case SHORT -> shortMicros;
      case MEDIUM -> mediumMicros;
      case LONG -> longMicros;
    };
  }

  private int run(TidemillClient client, Ledger ledger, List<Plan.Shot> plan, long usedSeed)
      throws IOException, InterruptedException {
    Account account = new Account(true, ledger);
    Outcomes outcomes = new Outcomes(plan.size());
    SessionOptions options = SessionOptions.defaults();
    try (SessionRun run =
        SessionRun.open(cli, client, options, account, ledger, plan.size(), waitTimeout)) {
      shoot(run, account, outcomes, plan);
      run.finish();
      if (ledger != null) {
        ledger.submitted(account.submittedCount());
      }
      if (csv != null) {
        writeCsv(outcomes);
      }
      print(account, outcomes, run.contradictions(), usedSeed);
      return account.conclude(cli, run.contradictions());
    }
  }

  private void shoot(SessionRun run, Account account, Outcomes outcomes, List<Plan.Shot> plan)
      throws InterruptedException {
    long start = System.nanoTime();
    boolean going = true;
    for (int i = 0; going && i < plan.size(); i++) {
      Plan.Shot shot = plan.get(i);
      awaitMoment(start + shot.atNanos());
      long work = micros(shot.workClass());
      outcomes.submitted(i, shot, work, (System.nanoTime() - start) / 1000);
      TaskSpec spec =
          TaskSpec.newBuilder()
              .setType(type)
              .setPriority(priority)
              .setPayload(ByteString.copyFromUtf8(String.valueOf(work)))
              .build();
      going = run.submit(spec, new ShotListener(account, outcomes, i));
    }
  }

  private static void awaitMoment(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted between two submissions");
      }
    }
  }

  /** Takes one task's end to the account and to its own line. */
  private record ShotListener(Account account, Outcomes outcomes, int index)
      implements ResultListener {
    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      account.ended(handle, result, latencyNanos);
      outcomes.ended(index, result, latencyNanos);
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      account.refused(handle, refusal);
    }

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      account.accepted(handle, taskId, latencyNanos);
    }

    @Override
    public void abandoned(long handle, long taskId, String why) {
      account.abandoned(handle, taskId, why);
    }
  }

  private void writeCsv(Outcomes outcomes) {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(csv, StandardCharsets.UTF_8))) {
      outcomes.writeCsv(out);
    } catch (IOException e) {
      throw CliException.usage("cannot write: csv=" + csv + " (" + e + ")");
    }
  }

  private void print(Account account, Outcomes outcomes, long contradictions, long usedSeed) {
    if (!cli.json()) {
      cli.print(outcomes.table().toString());
      account.lines(contradictions).forEach(cli::print);
      return;
    }
    JsonObject json = account.json(contradictions);
    json.addProperty("scenario", label());
    json.addProperty("seed", usedSeed);
    JsonObject classes = new JsonObject();
    for (WorkClass workClass : WorkClass.values()) {
      Outcomes.ClassTotals of = outcomes.of(workClass);
      JsonObject figures = new JsonObject();
      figures.addProperty("submitted", of.submittedCount());
      figures.addProperty("succeeded", of.succeededCount());
      figures.addProperty("failed", of.failedCount());
      of.latencies().addTo(figures);
      classes.add(workClass.label(), figures);
    }
    json.add("classes", classes);
    cli.print(json);
  }
}
