package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the supervisor leaves in the run folder for others: pid files for people and scripts, why a
 * start failed, which workers left on purpose, how a stop went. Nothing here is needed to go on
 * (locks and the kernel's list of processes are), so that a full disk stops no supervisor: what
 * cannot be noted is logged.
 */
final class RunFiles {
  private static final Logger LOG = LoggerFactory.getLogger(RunFiles.class);

  private final DataDir dir;

  RunFiles(DataDir dir) {
    this.dir = dir;
  }

  /** Held while somebody starts the instance. */
  Path startLock() {
    return dir.run().resolve("start.lock");
  }

  Path workers() {
    return dir.run().resolve("workers");
  }

  /** What a process says on its standard streams; its log proper goes to NAME.log. */
  Path out(String name) {
    return dir.logs().resolve(name + ".out");
  }

  void pid(String name, long pid) {
    note(() -> TextFile.write(file(name, "pid"), pid + "\n"));
  }

  void noPid(String name) {
    note(() -> Files.deleteIfExists(file(name, "pid")));
  }

  /** The pid that was noted last; 0: none. */
  long pid(String name) throws IOException {
    String text = TextFile.read(file(name, "pid")).map(String::strip).orElse("");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /** Why the last start of a process failed, in a sentence. */
  void failed(String name, String sentence) {
    note(() -> TextFile.write(file(name, "failed"), sentence + "\n"));
  }

  void notFailed(String name) {
    note(() -> Files.deleteIfExists(file(name, "failed")));
  }

  Optional<String> failed(String name) throws IOException {
    return TextFile.read(file(name, "failed")).map(String::strip);
  }

  /** A worker left on purpose, and is not started again. */
  void drained(String name) {
    note(() -> TextFile.write(file(name, "drained"), ""));
  }

  boolean isDrained(String name) {
    return Files.exists(file(name, "drained"));
  }

  /** A worker is about to leave so that another one takes its place. */
  void replace(String name) {
    note(() -> TextFile.write(file(name, "replace"), ""));
  }

  /** Whether the worker that left was to be replaced; forgets it. */
  boolean takeReplace(String name) {
    boolean asked = Files.exists(file(name, "replace"));
    if (asked) {
      note(() -> Files.deleteIfExists(file(name, "replace")));
    }
    return asked;
  }

  /** Adds a line to the account of the stop under way. */
  void stopped(String line) {
    note(
        () ->
            Files.writeString(
                stopAccount(),
                line + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND));
  }

  /** The account of the stop so far. */
  String stopped() throws IOException {
    return TextFile.read(stopAccount()).orElse("");
  }

  void forgetStop() {
    note(() -> Files.deleteIfExists(stopAccount()));
  }

  /** Before a supervisor's first turn, and after its last: what former processes left. */
  void forgetProcesses() {
    note(this::deleteNotes);
  }

  private void deleteNotes() throws IOException {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(dir.run(), "*.{pid,failed,drained,replace}")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path stopAccount() {
    return dir.run().resolve("stop.account");
  }

  private Path file(String name, String what) {
    return dir.run().resolve(name + "." + what);
  }

  @FunctionalInterface
  private interface Note {
    void take() throws IOException;
  }

  private static void note(Note note) {
    try {
      note.take();
    } catch (IOException e) {
      LOG.warn("cannot note something: cause={}", e.toString());
    }
  }
}
