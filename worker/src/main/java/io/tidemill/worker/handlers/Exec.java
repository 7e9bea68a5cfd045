package io.tidemill.worker.handlers;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.tidemill.rpc.TaskIds;
import io.tidemill.worker.NonRetryableException;
import io.tidemill.worker.TaskContext;
import io.tidemill.worker.TaskHandler;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program: the payload is a JSON array of argument strings, as {@code ["ls","-l"]}, and no
 * shell reads it. The result is its standard output. An exit code other than 0 fails the attempt,
 * with the end of its standard error. The lines of both are emitted while it runs, for those who
 * follow the task.
 *
 * <p>The task's execution timeout and {@value #OUTPUT_BYTES_MAX} bytes of output are its limits.
 * When it ends, is cancelled or goes beyond a limit, whatever it has started and not ended is
 * killed too. Its environment is the worker's, and {@code TIDEMILL_TASK_ID}, {@code TIDEMILL_LEASE}
 * (the fencing token) and {@code TIDEMILL_ATTEMPT}.
 */
final class Exec implements TaskHandler {
  static final int OUTPUT_BYTES_MAX = 256 * 1024;
  private static final int ERROR_BYTES_MAX = 2 * 1024;
  private static final long PIPES_WAIT_MILLIS = 2_000;

  @Override
  public ByteString handle(TaskContext context) throws Exception {
    List<String> argv = argv(context.payload());
    String mark = UUID.randomUUID().toString();
    Process process = start(argv, context, mark);
    Pipe out = new Pipe(process.getInputStream(), OUTPUT_BYTES_MAX, false);
    Pipe err = new Pipe(process.getErrorStream(), ERROR_BYTES_MAX, true);
    out.onOverflow(process.toHandle()::destroyForcibly);
    out.tell(new Lines(context::emit));
    err.tell(new Lines(context::emit));
    try {
      out.start();
      err.start();
      boolean inTime = await(process, context.executionTimeout());
      ProcessTree.kill(process.toHandle(), mark);
      if (!inTime) {
        throw new IOException(
            "the time limit was over: program="
                + argv.get(0)
                + " limit_ms="
                + context.executionTimeout().toMillis()
                + "; it was killed");
      }
      out.await(PIPES_WAIT_MILLIS);
      err.await(PIPES_WAIT_MILLIS);
      return outcome(argv, process.exitValue(), out, err);
    } finally {
      ProcessTree.kill(process.toHandle(), mark);
    }
  }

  private static boolean await(Process process, Duration limit) throws InterruptedException {
    if (limit.isZero()) {
      process.waitFor();
      return true;
    }
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static ByteString outcome(List<String> argv, int exitCode, Pipe out, Pipe err)
      throws NonRetryableException, IOException {
    if (out.overflowed()) {
      throw new NonRetryableException(
          "the output is too long: program="
              + argv.get(0)
              + " limit_bytes="
              + OUTPUT_BYTES_MAX
              + "; have it write to a file");
    }
    if (exitCode != 0) {
      throw new IOException(
          "the program failed: program="
              + argv.get(0)
              + " exit_code="
              + exitCode
              + " stderr="
              + err.content().toStringUtf8().strip());
    }
    return out.content();
  }

  private static Process start(List<String> argv, TaskContext context, String mark)
      throws NonRetryableException {
    ProcessBuilder builder =
        new ProcessBuilder(argv).redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    builder.environment().put("TIDEMILL_TASK_ID", TaskIds.format(context.taskId()));
    builder.environment().put("TIDEMILL_LEASE", TaskIds.format(context.fencingToken()));
    builder.environment().put("TIDEMILL_ATTEMPT", Integer.toString(context.attempt()));
    builder.environment().put(ProcessTree.MARK, mark);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new NonRetryableException(
          "the program could not be started: program="
              + argv.get(0)
              + " cause="
              + e.getMessage()
              + "; name one that this worker's host has",
          e);
    }
  }

  private static List<String> argv(ByteString payload) throws NonRetryableException {
    ListValue.Builder list = ListValue.newBuilder();
    try {
      JsonFormat.parser().merge(payload.toString(StandardCharsets.UTF_8), list);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw notArgv("cause=" + e.getMessage());
    }
    List<String> argv = new ArrayList<>();
    for (Value value : list.getValuesList()) {
      if (value.getKindCase() != Value.KindCase.STRING_VALUE
          || value.getStringValue().indexOf('\0') >= 0) {
        throw notArgv("index=" + argv.size());
      }
      argv.add(value.getStringValue());
    }
    if (argv.isEmpty() || argv.get(0).isEmpty()) {
      throw notArgv("elements=" + argv.size());
    }
    return argv;
  }

  private static NonRetryableException notArgv(String what) {
    return new NonRetryableException(
        "the payload is no JSON array of strings: "
            + what
            + "; give the program and its arguments, as [\"ls\",\"-l\"]");
  }
}
