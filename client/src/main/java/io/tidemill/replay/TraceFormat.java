package io.tidemill.replay;

import java.util.List;
import java.util.Locale;

/** The formats that can be read, and the fields that their jobs have. */
public enum TraceFormat {
  /** Standard Workload Format of the Parallel Workloads Archive, version 2.2. */
  SWF(
      "job submit wait run_time processors cpu_time memory requested_processors requested_time"
          + " requested_memory status user group executable queue partition preceding_job"
          + " think_time"),

  /** The arrival traces of Azure's LLM inference: a CSV of times and numbers of tokens. */
  AZURE("context_tokens generated_tokens"),

  /** A workflow with its tasks' dependencies and times, by WfCommons. */
  WFFORMAT("priority");

  private final String fields;

  TraceFormat(String fields) {
    this.fields = fields;
  }

  /** The names of what each job has a number for. */
  public List<String> fields() {
    return List.of(fields.split(" ", -1));
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * By the end of a file's name.
   *
   * @throws TraceException if that says nothing
   */
  public static TraceFormat ofFile(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT).replaceAll("\\.gz$", "");
    if (name.endsWith(".swf")) {
      return SWF;
    }
    if (name.endsWith(".csv")) {
      return AZURE;
    }
    if (name.endsWith(".json")) {
      return WFFORMAT;
    }
    throw new TraceException(
        "cannot tell the format: file="
            + fileName
            + "; name it .swf, .csv or .json (and .gz), or say --format swf, azure or wfformat");
  }
}
