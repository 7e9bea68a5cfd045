package io.tidemill.worker;

import io.tidemill.rpc.Amounts;
import io.tidemill.v1.QueueOrder;
import io.tidemill.worker.handlers.StockHandlers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The stock worker in the foreground, until it is drained by a signal or by the Register. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Runs a worker in the foreground: echo, sleep, spin, prime, wordcount, and exec if allowed.",
      "It connects, and reconnects, for as long as it takes. SIGTERM and SIGINT drain it: it takes"
          + " nothing new, finishes, reports and leaves."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Drained, every result with its verdict.",
      "1:Ended otherwise: the drain took too long, or the Register refused the worker.",
      "2:A bad option or setting.",
      "3:Another live worker has this id."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill worker --data ~/.tidemill --id w1",
      "  tidemill worker --register 127.0.0.1:7413 --capacity 8 --allow-exec",
      "  tidemill worker --types echo,prime --slow-ms 200",
      "  tidemill worker --queue mail=3,bulk=1 --queue-order weighted",
      "  tidemill worker --label zone=a --amount cpu=4 --amount mem=8Gi"
    })
public final class WorkerCommand implements Callable<Integer> {
  private static final String REGISTER_DEFAULT = "127.0.0.1:7413";

  @Spec private CommandSpec spec;

  @ArgGroup(exclusive = true)
  private Where where;

  /** Where the Register is. */
  static final class Where {
    @Option(
        names = "--register",
        paramLabel = "ADDRESS",
        description = "The Register. Else $TIDEMILL_REGISTER, the data folder, 127.0.0.1:7413.")
    private String register;

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "The instance's data folder, which tells the address. Else $TIDEMILL_DATA.")
    private Path data;
  }

  @Mixin private AccessOptions access;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The worker's name; one live worker at a time has it. Default: host-pid.")
  private String id;

  @Option(
      names = "--capacity",
      paramLabel = "N",
      description = "Tasks that run at one time. Default: twice the number of processors.")
  private Integer capacity;

  @Option(
      names = "--types",
      split = ",",
      paramLabel = "TYPE",
      description = "Only these of the task types, separated by commas. Default: all.")
  private List<String> types;

  @Option(
      names = "--queue",
      split = ",",
      paramLabel = "QUEUE[=WEIGHT]",
      description = "Takes tasks from these queues, separated by commas. Default: all.")
  private List<String> queues = new ArrayList<>();

  @Option(
      names = "--queue-order",
      paramLabel = "ORDER",
      defaultValue = "priority",
      description =
          "Which queue goes first: the one with the best task, the first of the list that has any,"
              + " or by turns as often as the weights say. One of: ${COMPLETION-CANDIDATES}.")
  private Order queueOrder;

  /** As users write orders of queues. */
  enum Order {
    priority(QueueOrder.QUEUE_ORDER_PRIORITY),
    strict(QueueOrder.QUEUE_ORDER_STRICT),
    weighted(QueueOrder.QUEUE_ORDER_WEIGHTED);

    final QueueOrder order;

    Order(QueueOrder order) {
      this.order = order;
    }
  }

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "What it has, such as zone=a: tasks that require it come here.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--amount",
      paramLabel = "NAME=AMOUNT",
      description =
          "How much it has, such as cpu=4 or mem=8Gi: its tasks never need more together.")
  private Map<String, String> amounts = new LinkedHashMap<>();

  @Option(
      names = "--allow-exec",
      description =
          "Has the type exec too: programs of the submitter's choice, with this user's rights.")
  private boolean allowExec;

  @Option(
      names = "--prefetch-max",
      paramLabel = "N",
      defaultValue = "4096",
      description = "The most tasks held beyond what runs. Default: ${DEFAULT-VALUE}.")
  private int prefetchMax;

  @Option(
      names = "--drain-timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long a drain may take. Default: ${DEFAULT-VALUE}.")
  private int drainTimeoutSeconds;

  @Option(
      names = "--slow-ms",
      paramLabel = "N",
      defaultValue = "0",
      description = "Failure injection: each task takes so many milliseconds longer.")
  private int slowMillis;

  @Option(
      names = "--never-report",
      description = "Failure injection: takes tasks and beats, and never reports a result.")
  private boolean neverReport;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Duration drainTimeout = Duration.ofSeconds(drainTimeoutSeconds);
    return new WorkerProcess(build(err), drainTimeout, err).run();
  }

  private TidemillWorker build(PrintWriter err) {
    try {
      WorkerBuilder builder =
          TidemillWorker.builder()
              .register(registerAddress())
              .access(access.access(System.getenv(), dataFolder()))
              .prefetchMax(prefetchMax)
              .drainTimeout(Duration.ofSeconds(drainTimeoutSeconds))
              .neverReport(neverReport)
              .onRegistered(sentence -> WorkerProcess.say(err, sentence));
      if (id != null) {
        builder.workerId(id);
      }
      if (capacity != null) {
        builder.capacity(capacity);
      }
      offer(builder);
      chosenHandlers().forEach((type, handler) -> builder.handler(type, slowed(handler)));
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private void offer(WorkerBuilder builder) {
    for (String queue : queues) {
      int at = queue.indexOf('=');
      if (at < 0) {
        builder.queue(queue);
      } else {
        builder.queue(queue.substring(0, at), weight(queue.substring(at + 1)));
      }
    }
    builder.queueOrder(queueOrder.order);
    labels.forEach(builder::label);
    amounts.forEach((name, amount) -> builder.amount(name, Amounts.parse(amount)));
  }

  private static int weight(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("bad weight: value='" + text + "'; use 1 to 1000", e);
    }
  }

  private String registerAddress() {
    if (where != null && where.register != null) {
      return where.register;
    }
    return dataFolder()
        .map(InstanceProperties::registerAddress)
        .orElse(environment("TIDEMILL_REGISTER").orElse(REGISTER_DEFAULT));
  }

  /** The folder that tells the address; empty: something else does. */
  private Optional<Path> dataFolder() {
    if (where != null) {
      return Optional.ofNullable(where.data);
    }
    return environment("TIDEMILL_REGISTER").isPresent()
        ? Optional.empty()
        : environment("TIDEMILL_DATA").map(Path::of);
  }

  private static Optional<String> environment(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
  }

  private Map<String, TaskHandler> chosenHandlers() {
    Map<String, TaskHandler> all = StockHandlers.all(allowExec);
    if (types == null) {
      return all;
    }
    Map<String, TaskHandler> chosen = new LinkedHashMap<>();
    for (String type : types) {
      TaskHandler handler = all.get(type);
      if (handler == null) {
        throw new IllegalArgumentException(
            "no such task type: value='"
                + type
                + "'; choose from "
                + String.join(", ", StockHandlers.all(true).keySet())
                + (type.equals("exec") ? " (exec needs --allow-exec)" : ""));
      }
      chosen.put(type, handler);
    }
    return chosen;
  }

  private TaskHandler slowed(TaskHandler handler) {
    if (slowMillis < 0) {
      throw new IllegalArgumentException(
          "bad --slow-ms: value='" + slowMillis + "'; use zero or more");
    }
    if (slowMillis == 0) {
      return handler;
    }
    return context -> {
      TimeUnit.MILLISECONDS.sleep(slowMillis);
      return handler.handle(context);
    };
  }
}
