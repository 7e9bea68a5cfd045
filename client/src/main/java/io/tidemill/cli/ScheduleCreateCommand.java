package io.tidemill.cli;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.CatchUpPolicy;
import io.tidemill.v1.OverlapPolicy;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.TaskSpec;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill schedule create}. */
@Command(
    name = "create",
    description = "Makes a schedule; its first occurrence is the next one from now on.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill schedule create morning --cron '0 9 * * MON-FRI' --zone Europe/Berlin --type echo --payload hi",
      "  tidemill schedule create poll --cron '*/10 * * * * *' --type echo --payload p --overlap skip"
    })
final class ScheduleCreateCommand extends CliCommand {
  @Parameters(paramLabel = "NAME", description = "What it is called.")
  String name;

  @Option(
      names = "--cron",
      required = true,
      paramLabel = "EXPRESSION",
      description =
          "Minute, hour, day, month, day of week; or six fields, seconds first; or @daily.")
  String cron;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "The time zone, like Europe/Berlin; otherwise UTC.")
  String zone = "";

  @Option(names = "--type", required = true, paramLabel = "T", description = "Which handler.")
  String type;

  @Option(names = "--payload", paramLabel = "S", description = "This text.")
  String payload = "";

  @Option(
      names = "--priority",
      paramLabel = "P",
      converter = PriorityConverter.class,
      description =
          "Higher goes first: a number, or low, normal, high, urgent (normal, which is 0).")
  int priority;

  @Mixin Requirements requirements;

  @Option(
      names = "--jitter",
      paramLabel = "TIME",
      description = "Put each occurrence off by up to so long.")
  Duration jitter = Duration.ZERO;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      description = "One that is at most so late is not missed (1m).")
  Duration grace = Duration.ZERO;

  @Option(
      names = "--catch-up",
      paramLabel = "POLICY",
      defaultValue = "one",
      description = "Of missed occurrences: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  CatchUp catchUp;

  @Option(
      names = "--catch-up-max",
      paramLabel = "N",
      description = "With --catch-up=all: no more than the last N (100).")
  int catchUpMax;

  @Option(
      names = "--overlap",
      paramLabel = "POLICY",
      defaultValue = "allow",
      description = "While the last one lives: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  Overlap overlap;

  @Option(names = "--replace", description = "Take the place of one of the same name.")
  boolean replace;

  @Mixin TimesOptions times;

  @Mixin UniqueOptions unique;

  ScheduleCreateCommand(Cli cli) {
    super(cli);
  }

  /** As users write what becomes of missed occurrences. */
  enum CatchUp {
    skip(CatchUpPolicy.CATCH_UP_POLICY_SKIP),
    one(CatchUpPolicy.CATCH_UP_POLICY_ONE),
    all(CatchUpPolicy.CATCH_UP_POLICY_ALL);

    final CatchUpPolicy policy;

    CatchUp(CatchUpPolicy policy) {
      this.policy = policy;
    }
  }

  /** As users write what becomes of an occurrence while the one before lives. */
  enum Overlap {
    allow(OverlapPolicy.OVERLAP_POLICY_ALLOW),
    skip(OverlapPolicy.OVERLAP_POLICY_SKIP),
    cancel_last(OverlapPolicy.OVERLAP_POLICY_CANCEL_LAST);

    final OverlapPolicy policy;

    Overlap(OverlapPolicy policy) {
      this.policy = policy;
    }
  }

  @Override
  public Integer call() {
    times.check(0);
    unique.check();
    if (catchUpMax < 0) {
      throw CliException.usage("bad number: catch-up-max=" + catchUpMax + "; give 1 to 1000");
    }
    TaskSpec.Builder task =
        TaskSpec.newBuilder()
            .setType(type)
            .setPayload(ByteString.copyFromUtf8(payload))
            .setPriority(priority);
    requirements.apply(task);
    times.addTo(task);
    unique.addTo(task);
    Schedule schedule =
        Schedule.newBuilder()
            .setName(name)
            .setCron(cron)
            .setZone(zone)
            .setTask(task)
            .setJitterMs(jitter.toMillis())
            .setGraceMs(grace.toMillis())
            .setCatchUp(catchUp.policy)
            .setCatchUpMax(catchUpMax)
            .setOverlap(overlap.policy)
            .build();
    try (TidemillClient client = cli.client()) {
      ScheduleCommand.print(cli, client.createSchedule(schedule, replace));
    }
    return ExitCodes.OK;
  }
}
