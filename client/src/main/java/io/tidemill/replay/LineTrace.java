package io.tidemill.replay;

import io.tidemill.replay.TraceNumbers.BadNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A trace with a job a line. */
abstract class LineTrace {
  private final String file;
  private final BadLines bad;
  private long number;

  LineTrace(String file, BadLines bad) {
    this.file = file;
    this.bad = bad;
  }

  /** A line that is no job: what is wrong with it. */
  static final class Unfit extends Exception {
    private static final long serialVersionUID = 1;
    private final String field;
    private final String value;

    Unfit(String field, String value, String why) {
      super(why, null, false, false);
      this.field = field;
      this.value = value;
    }
  }

  /** The job that a line stands for; null: the line is none, and is not meant to be one. */
  abstract Job job(String line) throws Unfit;

  List<Job> read(Path path) throws IOException {
    List<Job> jobs = new ArrayList<>();
    try (TraceLines lines = new TraceLines(path)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        number = lines.number();
        take(line, jobs);
      }
      if (lines.broken() != null) {
        String place = String.valueOf(number + 1);
        bad.add(new BadLine(file, place, "file", lines.broken(), "the file is cut off or damaged"));
      }
    }
    return jobs;
  }

  private void take(String line, List<Job> jobs) {
    try {
      if (line.length() > TraceLines.LENGTH_MAX) {
        throw new Unfit("line", line, "longer than " + TraceLines.LENGTH_MAX + " characters");
      }
      Job job = job(line);
      if (job != null && jobs.size() == Trace.JOBS_MAX) {
        throw new TraceException(
            file + ":" + number + ": more than " + Trace.JOBS_MAX + " jobs; cut the file");
      }
      if (job != null) {
        jobs.add(job);
      }
    } catch (Unfit e) {
      bad.add(new BadLine(file, String.valueOf(number), e.field, e.value, e.getMessage()));
    }
  }

  static long whole(String field, String value) throws Unfit {
    try {
      return TraceNumbers.whole(value);
    } catch (BadNumber e) {
      throw new Unfit(field, value, e.getMessage());
    }
  }

  /** A time in seconds, not below 0. */
  static long micros(String field, String value) throws Unfit {
    try {
      long micros = TraceNumbers.micros(value);
      if (micros >= 0) {
        return micros;
      }
    } catch (BadNumber e) {
      throw new Unfit(field, value, e.getMessage());
    }
    throw new Unfit(field, value, "the time is below 0, which stands for not known");
  }
}
