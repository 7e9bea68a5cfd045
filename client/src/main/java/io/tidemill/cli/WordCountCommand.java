package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.cli.wordcount.Chunker;
import io.tidemill.cli.wordcount.Tally;
import io.tidemill.cli.wordcount.TextFiles;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WorkerInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill demo wordcount}: counts the words of real files on the workers. */
@Command(
    name = "wordcount",
    description = {
      "Counts the words of text files on the workers, as `wc -w` does.",
      "Cuts the files into chunks, submits each as a task, and adds up the results. Binary files are left out."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill demo wordcount docs/ README.md",
      "  tidemill demo wordcount /usr/share/common-licenses --json"
    })
final class WordCountCommand extends CliCommand {
  private static final int WORD_BYTES_MAX = 1024 * 1024;
  private static final int CHUNK_BYTES_LIMIT = 64 * 1024;
  private static final int FILES_SHOWN = 12;

  @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "What to count.")
  List<Path> names;

  @Option(
      names = "--chunk-bytes",
      paramLabel = "N",
      defaultValue = "16384",
      description = "A chunk's size, 1 to 65536 (${DEFAULT-VALUE}).")
  int chunkBytes;

  @Option(names = "--top", paramLabel = "N", defaultValue = "15", description = "Words shown.")
  int top;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      description = "Give up after so long without progress; otherwise never.")
  Duration waitTimeout = TaskWaitCommand.FOR_EVER;

  private final Tally tally = new Tally();
  private long bytes;
  private long chunks;

  WordCountCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (chunkBytes < 1 || chunkBytes > CHUNK_BYTES_LIMIT) {
      throw CliException.usage(
          "bad chunk size: chunk-bytes=" + chunkBytes + "; give 1 to " + CHUNK_BYTES_LIMIT);
    }
    TextFiles.Found found = TextFiles.find(names);
    found.skipped().forEach(skipped -> cli.say("left out: " + skipped));
    if (found.files().isEmpty()) {
      throw CliException.usage("no text files to count; name files or folders with some");
    }
    try (TidemillClient client = cli.client()) {
      return count(client, found.files());
    }
  }

  private int count(TidemillClient client, List<Path> files)
      throws IOException, InterruptedException {
    Account account = new Account(true, null);
    long total = expectedChunks(files);
    try (SessionRun run =
        SessionRun.open(
            cli, client, SessionOptions.defaults(), account, null, total, waitTimeout)) {
      for (Path file : files) {
        submit(run, account, file);
      }
      run.finish();
      if (cli.json()) {
        cli.print(json(account, run.contradictions()));
      } else {
        print(client, account);
      }
      return account.conclude(cli, run.contradictions());
    }
  }

  private long expectedChunks(List<Path> files) throws IOException {
    long total = 0;
    for (Path file : files) {
      total += (Files.size(file) + chunkBytes - 1) / chunkBytes;
    }
    return total;
  }

  private void submit(SessionRun run, Account account, Path file)
      throws IOException, InterruptedException {
    tally.file(file);
    try (InputStream in = Files.newInputStream(file)) {
      Chunker chunker = new Chunker(in, chunkBytes, WORD_BYTES_MAX);
      boolean going = true;
      for (ByteString chunk = chunker.next(); going && chunk != null; chunk = chunker.next()) {
        bytes += chunk.size();
        chunks++;
        TaskSpec spec = TaskSpec.newBuilder().setType("wordcount").setPayload(chunk).build();
        going = run.submit(spec, new ChunkListener(account, file));
      }
    } catch (IOException e) {
      throw new CliException(
          ExitCodes.FAILURE, "cannot count: file=" + file + " (" + e.getMessage() + ")");
    }
  }

  /** Takes one chunk's result to the tally and the account. */
  private final class ChunkListener implements ResultListener {
    private final Account account;
    private final Path file;

    ChunkListener(Account account, Path file) {
      this.account = account;
      this.file = file;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      if (result.getState() != TaskState.TASK_STATE_SUCCEEDED) {
        account.ended(handle, result, latencyNanos);
        return;
      }
      try {
        tally.add(file, result.getWorkerId(), result.getResult().toStringUtf8());
        account.ended(handle, result, latencyNanos);
      } catch (IllegalArgumentException e) {
        TaskResult.Builder wrong =
            result.toBuilder().setState(TaskState.TASK_STATE_FAILED).setError(e.getMessage());
        account.ended(handle, wrong.build(), latencyNanos);
      }
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

  // ---- what came of it

  private JsonObject json(Account account, long contradictions) {
    JsonObject json = account.json(contradictions);
    json.addProperty("words", tally.total());
    json.addProperty("bytes", bytes);
    json.addProperty("chunks", chunks);
    json.add("files", array(tally.files(), "file", "words"));
    json.add("frequent", array(tally.words(top), "word", "count"));
    json.add("workers", array(tally.workers(), "worker", "chunks"));
    return json;
  }

  private static JsonArray array(List<Tally.Count> counts, String nameKey, String countKey) {
    JsonArray array = new JsonArray();
    for (Tally.Count count : counts) {
      JsonObject json = new JsonObject();
      json.addProperty(nameKey, count.name());
      json.addProperty(countKey, count.count());
      array.add(json);
    }
    return array;
  }

  private void print(TidemillClient client, Account account) {
    printFiles();
    section("Most frequent words", table("word", "count", tally.words(top)));
    section("Chunks by worker", table("worker", "chunks", tally.workers()));
    cli.print("");
    cli.print(
        Units.count(tally.total())
            + " words in "
            + Units.count(tally.files().size())
            + " files, "
            + Units.count(bytes)
            + " bytes, "
            + Units.count(chunks)
            + " chunks");
    account.lines(0).forEach(cli::print);
    printWorkers(client);
    cli.print("");
    cli.print("Try next:");
    for (String words :
        List.of(
            "top",
            "task submit --type echo --payload hello --wait",
            "task submit --type sleep --payload 100 --count 100000",
            "load --scenario mixed")) {
      cli.print("  scripts/tidemill " + words + cli.addresses().option());
    }
  }

  private void printFiles() {
    List<Tally.Count> files = tally.files();
    List<Tally.Count> shown = files.subList(0, Math.min(FILES_SHOWN, files.size()));
    TextTable table = table("words", shown);
    section("Words by file", table);
    if (files.size() > shown.size()) {
      cli.print("... and " + (files.size() - shown.size()) + " more files (--json has them all)");
    }
  }

  private static TextTable table(String countKey, List<Tally.Count> files) {
    TextTable table = new TextTable(countKey, "file");
    files.forEach(file -> table.row(file.count(), file.name()));
    return table;
  }

  private static TextTable table(String nameKey, String countKey, List<Tally.Count> counts) {
    TextTable table = new TextTable(nameKey, countKey);
    counts.forEach(count -> table.row(count.name(), count.count()));
    return table;
  }

  private void section(String title, TextTable table) {
    cli.print("");
    cli.print(cli.style().bold(title));
    cli.print(table.toString());
  }

  private void printWorkers(TidemillClient client) {
    cli.print("");
    cli.print(cli.style().bold("Workers"));
    try {
      List<WorkerInfo> workers = client.workers(false);
      cli.print(WorkerListCommand.table(workers, cli.style()));
    } catch (TidemillException e) {
      cli.say(e.getMessage());
    }
  }
}
