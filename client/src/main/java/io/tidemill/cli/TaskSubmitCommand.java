package io.tidemill.cli;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Durability;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill task submit}: one task by a call, many by a session. */
@Command(
    name = "submit",
    description = "Submits a task, or many.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task submit --type echo --payload hello --wait",
      "  tidemill task submit --type prime --payload 1000003 --priority urgent",
      "  tidemill task submit --type sleep --payload 100 --count 100000",
      "  seq 1000 | tidemill task submit --type prime --stdin-lines --json",
      "  tidemill task submit --type sleep --payload 100 --delay 2s --deadline 10s",
      "  tidemill task submit --type exec --payload '[\"false\"]' --retries 3 --backoff 500ms",
      "  tidemill task submit --type echo --payload rebuild --unique site --unique-until start",
      "  tidemill task submit --type exec --payload '[\"ping\",\"-c3\",\"localhost\"]' --follow",
      "  cat article.txt | tidemill task submit --type wordcount - --wait",
      "",
      "Of many (--count above 1, or --stdin-lines) it waits for the results unless --no-wait,",
      "and ends with throughput and latencies: from submission to the result known here, or",
      "with --no-wait to the acknowledgement."
    })
final class TaskSubmitCommand extends CliCommand {
  @Option(names = "--type", required = true, paramLabel = "T", description = "Which handler.")
  String type;

  @ArgGroup(heading = "%nThe payload, one of:%n")
  Payload payload;

  /** Where the payload comes from. */
  static final class Payload {
    @Option(names = "--payload", paramLabel = "S", description = "This text.")
    String text;

    @Option(names = "--file", paramLabel = "F", description = "The content of a file.")
    Path file;

    @Option(names = "--stdin-lines", description = "Each line of stdin is one task's payload.")
    boolean stdinLines;

    @Parameters(arity = "0..1", paramLabel = "STDIN", description = "A dash (-): all of stdin.")
    String dash;
  }

  @Option(
      names = "--priority",
      paramLabel = "P",
      converter = PriorityConverter.class,
      description =
          "Higher goes first: a number, or low, normal, high, urgent (normal, which is 0).")
  int priority;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "Submit it so many times (${DEFAULT-VALUE}).")
  long count;

  @Option(names = "--wait", negatable = true, description = "Wait for the result, or do not.")
  Boolean wait;

  @Option(
      names = "--follow",
      description = "Show what its handler emits while it runs, until its end (of one).")
  boolean follow;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      description = "Give up waiting after so long without progress; otherwise never.")
  Duration waitTimeout = TaskWaitCommand.FOR_EVER;

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "A repeated submission with it gives the same task (of many: ID-1, ID-2, ...).")
  String requestId = "";

  @Mixin UniqueOptions unique;

  @Mixin Requirements requirements;

  @Option(
      names = "--execution-timeout-ms",
      paramLabel = "MS",
      description = "How long one attempt may run.")
  int executionTimeoutMs;

  @Mixin TimesOptions times;

  @Option(names = "--max-attempts", paramLabel = "N", description = "How many attempts it gets.")
  int maxAttempts;

  @Option(
      names = "--after",
      paramLabel = "ID",
      converter = TaskIdParameter.Converter.class,
      description = "Wait for this task to end first; may be repeated.")
  List<Long> after = List.of();

  @Option(
      names = "--after-rule",
      paramLabel = "RULE",
      defaultValue = "all_succeeded",
      description =
          "What --after asks: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}). Otherwise it is"
              + " cancelled.")
  DependencyRules rule;

  @Option(
      names = "--durability",
      paramLabel = "D",
      description = "What the acknowledgement promises: ${COMPLETION-CANDIDATES}.")
  Level durability;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Of many: at most so many without a result at a time (${DEFAULT-VALUE}).")
  int outstanding;

  @Option(
      names = "--ledger",
      paramLabel = "FILE",
      description = "Append what was acknowledged and told, for an audit.")
  Path ledgerFile;

  TaskSubmitCommand(Cli cli) {
    super(cli);
  }

  /** As users write durabilities. */
  enum Level {
    process(Durability.DURABILITY_PROCESS),
    disk(Durability.DURABILITY_DISK);

    final Durability durability;

    Level(Durability durability) {
      this.durability = durability;
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    TaskSpec template = template();
    boolean many = count > 1 || payload.stdinLines;
    try (TidemillClient client = cli.client();
        Ledger ledger = ledgerFile == null ? null : new Ledger(ledgerFile)) {
      return many ? submitMany(client, template, ledger) : submitOne(client, template, ledger);
    }
  }

  private void check() {
    times.check(maxAttempts);
    unique.check();
    if (payload == null) {
      throw CliException.usage(
          "the payload is missing; give --payload, --file, --stdin-lines or - for stdin");
    }
    if (payload.dash != null && !payload.dash.equals("-")) {
      throw CliException.usage(
          "unexpected argument: '" + payload.dash + "'; give the payload with --payload");
    }
    if (count < 1 || count > Integer.MAX_VALUE) {
      throw CliException.usage("bad count: count=" + count + "; give 1 to " + Integer.MAX_VALUE);
    }
    if (count > 1 && payload.stdinLines) {
      throw CliException.usage("--count and --stdin-lines exclude each other; give one of them");
    }
    if (follow && (count > 1 || payload.stdinLines || wait != null)) {
      throw CliException.usage(
          "--follow is for one task and waits for its end; leave --count, --stdin-lines and --wait"
              + " away");
    }
    if (executionTimeoutMs < 0 || maxAttempts < 0) {
      throw CliException.usage(
          "bad limit: execution-timeout-ms="
              + executionTimeoutMs
              + " max-attempts="
              + maxAttempts
              + "; give numbers above 0");
    }
  }

  private TaskSpec template() throws IOException {
    TaskSpec.Builder spec =
        TaskSpec.newBuilder()
            .setType(type)
            .setPriority(priority)
            .setRequestId(requestId)
            .setExecutionTimeoutMs(executionTimeoutMs)
            .setMaxAttempts(maxAttempts);
    requirements.apply(spec);
    times.addTo(spec);
    unique.addTo(spec);
    if (durability != null) {
      spec.setDurability(durability.durability);
    }
    if (!after.isEmpty()) {
      after.forEach(id -> spec.addDependsOn(Dependency.newBuilder().setTaskId(id)));
      spec.setDependencyRule(rule.rule);
    }
    if (payload.text != null) {
      spec.setPayload(ByteString.copyFromUtf8(payload.text));
    } else if (payload.file != null) {
      spec.setPayload(content(payload.file));
    } else if (payload.dash != null) {
      spec.setPayload(ByteString.readFrom(cli.in()));
    }
    return spec.build();
  }

  private static ByteString content(Path file) {
    try {
      return ByteString.copyFrom(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw CliException.usage("no such file: file=" + file);
    } catch (IOException e) {
      throw CliException.usage("cannot read: file=" + file + " (" + e + ")");
    }
  }

  // ---- one

  private int submitOne(TidemillClient client, TaskSpec spec, Ledger ledger) {
    SubmitTaskResponse answer = client.submit(spec);
    if (ledger != null) {
      ledger.acknowledged(answer.getTaskId());
    }
    int exitCode = ExitCodes.OK;
    if (follow) {
      exitCode = Following.follow(cli, client, answer.getTaskId());
    } else if (Boolean.TRUE.equals(wait)) {
      exitCode = awaitOne(client, answer.getTaskId(), ledger);
    } else {
      printOne(answer);
    }
    if (ledger != null) {
      ledger.submitted(1);
    }
    return exitCode;
  }

  private int awaitOne(TidemillClient client, long taskId, Ledger ledger) {
    WaitTaskResponse answer = Waiting.await(cli, client, taskId, waitTimeout);
    if (ledger != null && answer.getEnded()) {
      ledger.ended(taskId, answer.getTask().getState());
    }
    if (cli.json()) {
      cli.print(Json.task(answer.getTask()));
    } else if (answer.getTask().getState() == TaskState.TASK_STATE_SUCCEEDED) {
      cli.print(TaskText.result(answer.getTask().getResult()));
    }
    return concludeOne(answer.getTask(), answer.getEnded());
  }

  private int concludeOne(Task task, boolean ended) {
    String id = TaskIds.format(task.getTaskId());
    if (!ended) {
      cli.say("time over before the task ended: id=" + id);
      return ExitCodes.TIME_OVER;
    }
    if (task.getState() == TaskState.TASK_STATE_SUCCEEDED) {
      return ExitCodes.OK;
    }
    cli.say(
        "the task ended without success: id="
            + id
            + " state="
            + TaskStates.name(task.getState())
            + " error="
            + task.getError());
    return ExitCodes.NO_SUCCESS;
  }

  private void printOne(SubmitTaskResponse answer) {
    if (!cli.json()) {
      cli.print(TaskIds.format(answer.getTaskId()));
      if (answer.getDuplicateReason() == DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY) {
        cli.say("no new task: this one holds the unique key");
      }
      return;
    }
    JsonObject json = new JsonObject();
    json.addProperty("id", TaskIds.format(answer.getTaskId()));
    json.addProperty("duplicate", answer.getDuplicate());
    if (answer.getDuplicate()) {
      json.addProperty("duplicate_reason", UniqueOptions.name(answer.getDuplicateReason()));
    }
    json.addProperty("durability", answer.getDurability().name().substring("DURABILITY_".length()));
    cli.print(json);
  }

  // ---- many

  private int submitMany(TidemillClient client, TaskSpec template, Ledger ledger)
      throws InterruptedException {
    boolean results = !Boolean.FALSE.equals(wait);
    Account account = new Account(results, ledger);
    SessionOptions options =
        SessionOptions.defaults().withResults(results).withOutstandingMax(checkedOutstanding());
    long total = payload.stdinLines ? 0 : count;
    try (SessionRun run =
        SessionRun.open(cli, client, options, account, ledger, total, waitTimeout)) {
      Iterator<TaskSpec> specs = specs(template);
      boolean going = true;
      while (going && specs.hasNext()) {
        going = run.submit(specs.next());
      }
      run.finish();
      if (ledger != null) {
        ledger.submitted(account.submittedCount());
      }
      print(account, run.contradictions());
      return account.conclude(cli, run.contradictions());
    }
  }

  private int checkedOutstanding() {
    if (outstanding < 1 || outstanding > 10_000_000) {
      throw CliException.usage("bad window: outstanding=" + outstanding + "; give 1 to 10000000");
    }
    return outstanding;
  }

  private Iterator<TaskSpec> specs(TaskSpec template) {
    if (payload.stdinLines) {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(cli.in(), StandardCharsets.UTF_8));
      long[] number = {0};
      return lines
          .lines()
          .map(line -> template.toBuilder().setPayload(ByteString.copyFromUtf8(line)).build())
          .map(spec -> numbered(spec, ++number[0]))
          .iterator();
    }
    return LongStream.rangeClosed(1, count).mapToObj(n -> numbered(template, n)).iterator();
  }

  /** A request id names one task, so of many each gets its own. */
  private TaskSpec numbered(TaskSpec spec, long number) {
    return requestId.isEmpty()
        ? spec
        : spec.toBuilder().setRequestId(requestId + "-" + number).build();
  }

  private void print(Account account, long contradictions) {
    if (cli.json()) {
      cli.print(account.json(contradictions));
    } else {
      account.lines(contradictions).forEach(cli::print);
    }
  }
}
