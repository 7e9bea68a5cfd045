package io.tidemill.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * Standard Workload Format: 18 numbers a line, -1 for what is not known, comments after a
 * semicolon. A job needs a submit time and a run time; it ran on the processors that it was given,
 * else on those that it asked for. That a job followed another (fields 17 and 18) is not heeded:
 * its submit time says when it came.
 */
final class SwfTrace extends LineTrace {
  private static final List<String> FIELDS = TraceFormat.SWF.fields();
  private static final int JOB = FIELDS.indexOf("job");
  private static final int SUBMIT = FIELDS.indexOf("submit");
  private static final int RUN_TIME = FIELDS.indexOf("run_time");
  private static final int PROCESSORS = FIELDS.indexOf("processors");
  private static final int REQUESTED = FIELDS.indexOf("requested_processors");
  private static final int PROCESSORS_MAX = 1 << 20;

  SwfTrace(String file, BadLines bad) {
    super(file, bad);
  }

  @Override
  Job job(String line) throws Unfit {
    String text = line.strip();
    if (text.isEmpty() || text.startsWith(";")) {
      return null;
    }
    String[] words = text.split("\\s+", -1);
    if (words.length != FIELDS.size()) {
      throw new Unfit("line", text, words.length + " fields where 18 are due");
    }
    List<Long> fields = new ArrayList<>(words.length);
    for (int i = 0; i < words.length; i++) {
      fields.add(whole(FIELDS.get(i), words[i]));
    }
    return new Job(
        words[JOB],
        micros("submit", words[SUBMIT]),
        micros("run_time", words[RUN_TIME]),
        processors(fields, words),
        fields,
        List.of());
  }

  private static int processors(List<Long> fields, String[] words) throws Unfit {
    int field = fields.get(PROCESSORS) > 0 ? PROCESSORS : REQUESTED;
    long count = fields.get(field);
    if (count > PROCESSORS_MAX) {
      throw new Unfit(FIELDS.get(field), words[field], "more than " + PROCESSORS_MAX);
    }
    return (int) Math.max(1, count);
  }
}
