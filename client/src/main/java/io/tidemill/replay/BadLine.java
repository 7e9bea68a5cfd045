package io.tidemill.replay;

/**
 * A line of a trace (of a workflow: a task of it) that is no job.
 *
 * @param place of the line: its number, or the task's
 * @param field that is wrong
 * @param value as it stands there, cut
 * @param why in a few words
 */
public record BadLine(String file, String place, String field, String value, String why) {
  private static final int SHOWN_MAX = 40;

  public BadLine {
    String printable = value.replaceAll("\\p{Cntrl}", " ");
    value = printable.length() > SHOWN_MAX ? printable.substring(0, SHOWN_MAX) + "..." : printable;
  }

  @Override
  public String toString() {
    return file + ":" + place + ": " + why + ": field=" + field + " value='" + value + "'";
  }
}
