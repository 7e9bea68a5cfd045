package io.tidemill.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A recorded workload as it was read: its jobs in the order of the file.
 *
 * @param bad what was left out of it
 */
public record Trace(TraceFormat format, List<Job> jobs, BadLines bad) {
  /** Jobs that are held in memory, at most. */
  public static final int JOBS_MAX = 5_000_000;

  /**
   * Reads a file, compressed or not.
   *
   * @param tokens how long a token took, for traces that count tokens and not time
   * @throws TraceException if it cannot be used, with a sentence for the user
   */
  public static Trace read(Path file, TraceFormat format, TokenTimes tokens, BadLines bad) {
    String name = String.valueOf(file.getFileName());
    if (Files.isDirectory(file)) {
      throw new TraceException("cannot read the trace: file=" + file + " is a folder");
    }
    try {
      List<Job> jobs =
          switch (format) {
            case SWF -> new SwfTrace(name, bad).read(file);
            case AZURE -> new AzureTrace(name, tokens, bad).read(file);
            case WFFORMAT -> {
              try (InputStream in = TraceLines.open(file)) {
                yield new WorkflowTrace(name, bad).read(in);
              }
            }
          };
      return new Trace(format, jobs, bad);
    } catch (NoSuchFileException e) {
      throw new TraceException("there is no such file: file=" + file);
    } catch (IOException e) {
      throw new TraceException("cannot read the trace: file=" + file + " cause=" + e.getMessage());
    }
  }

  /**
   * How long an inference took, where a trace has the numbers of tokens alone.
   *
   * @param contextMicros for each token that was read
   * @param generatedMicros for each token that was written
   */
  public record TokenTimes(long contextMicros, long generatedMicros) {
    private static final long TOKENS_MAX = 1_000_000_000;
    private static final long MICROS_MAX = 1_000_000_000;

    public TokenTimes {
      if (contextMicros < 0
          || generatedMicros < 0
          || Math.max(contextMicros, generatedMicros) > MICROS_MAX) {
        throw new TraceException(
            "bad time for a token: context_us="
                + contextMicros
                + " generated_us="
                + generatedMicros
                + "; give 0 to 1000 s");
      }
    }

    /** Some 40 tokens a second, and reading a hundred times as fast as writing. */
    public static TokenTimes usual() {
      return new TokenTimes(250, 25_000);
    }

    boolean isCount(long tokens) {
      return tokens >= 0 && tokens <= TOKENS_MAX;
    }

    long micros(long context, long generated) {
      return Math.min(
          TraceNumbers.SECONDS_MAX * 1_000_000,
          context * contextMicros + generated * generatedMicros);
    }
  }
}
