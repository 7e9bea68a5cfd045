package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.Style;
import io.tidemill.cli.top.Console;
import io.tidemill.cli.top.Poller;
import io.tidemill.cli.top.Renderer;
import io.tidemill.cli.top.Snapshot;
import io.tidemill.cli.top.View;
import io.tidemill.client.TidemillClient;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill top}: the register console. */
@Command(
    name = "top",
    description = {
      "Shows workers, queue, speed and processes live in the terminal.",
      "Keys: q quit, s sort, r reverse, f filter, arrows and page keys scroll."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill top", "  tidemill top --once", "  tidemill top --json --once"})
final class TopCommand extends CliCommand {
  private static final int PIPE_WIDTH = 160;
  private static final Duration LIVE_PATIENCE = Duration.ofSeconds(2);
  private static final Duration INTERVAL_MIN = Duration.ofMillis(100);

  @Option(names = "--once", description = "Print one picture and end.")
  boolean once;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "Between two looks (${DEFAULT-VALUE}).")
  Duration interval;

  TopCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (interval.compareTo(INTERVAL_MIN) < 0) {
      throw CliException.usage("bad interval: interval=" + interval + "; give 100ms or more");
    }
    Addresses addresses = cli.addresses();
    try (TidemillClient client = client(addresses)) {
      Poller poller =
          new Poller(client, addresses.plm(), addresses.register(), System::currentTimeMillis);
      if (once) {
        return printOnce(poller.poll());
      }
      return cli.json() ? printAlways(poller) : showConsole(poller, addresses);
    }
  }

  /** The picture must not wait long for a server that is away. */
  private TidemillClient client(Addresses addresses) {
    Duration patience = once ? cli.options.connectTimeout : LIVE_PATIENCE;
    return cli.client(
        TidemillClient.builder()
            .plm(addresses.plm())
            .register(addresses.register())
            .callTimeout(patience)
            .attemptTimeout(patience));
  }

  private int printOnce(Snapshot snapshot) {
    if (cli.json()) {
      cli.print(json(snapshot));
    } else {
      Renderer renderer = new Renderer(Style.PLAIN, ZoneId.systemDefault());
      renderer.render(snapshot, new View(), PIPE_WIDTH, Renderer.UNBOUNDED).forEach(cli::print);
    }
    return snapshot.plm().isAway() ? ExitCodes.UNREACHABLE : ExitCodes.OK;
  }

  private int printAlways(Poller poller) throws InterruptedException {
    while (!cli.out().checkError()) { // until nobody reads it any more
      cli.print(json(poller.poll()));
      Thread.sleep(interval.toMillis());
    }
    return ExitCodes.OK;
  }

  private int showConsole(Poller poller, Addresses addresses) throws IOException {
    if (!cli.outTerminal()) {
      throw CliException.usage("top draws on a terminal; for a pipe use --once or --json");
    }
    Snapshot first =
        Snapshot.empty(System.currentTimeMillis(), addresses.plm(), addresses.register());
    new Console(poller::poll, first, Style.of(cli.wantsColour()), interval).run();
    return ExitCodes.OK;
  }

  private static JsonObject json(Snapshot snapshot) {
    JsonObject json = new JsonObject();
    json.addProperty("time_ms", snapshot.timeMillis());
    json.addProperty("plm_unreachable_since_ms", snapshot.plm().awaySinceMillis());
    json.addProperty("register_unreachable_since_ms", snapshot.register().awaySinceMillis());
    json.add("stats", snapshot.plm().isAway() ? JsonNull.INSTANCE : Json.stats(snapshot.stats()));
    JsonArray workers = new JsonArray();
    snapshot.workers().forEach(worker -> workers.add(Json.worker(worker)));
    json.add("workers", workers);
    return json;
  }
}
