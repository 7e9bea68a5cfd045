package io.tidemill.cli.offline;

import io.tidemill.shm.inspect.RepairReport;
import io.tidemill.shm.inspect.RepairReport.JournalPart;
import io.tidemill.shm.inspect.RepairReport.Place;
import java.util.ArrayList;
import java.util.List;

/** A repair's report as lines of text. */
public final class RepairText {
  private RepairText() {}

  /** All of it. */
  public static List<String> lines(RepairReport report) {
    List<String> lines = new ArrayList<>();
    for (JournalPart journal : report.journals()) {
      lines.add(journal.name() + ": " + journal.readable() + " records can be read");
      for (Place place : journal.damage()) {
        lines.add(
            "  damaged: " + place.what() + ": file=" + place.file() + " offset=" + place.offset());
      }
      if (!journal.markFlaw().isEmpty()) {
        lines.add("  damaged: " + journal.markFlaw());
      }
    }
    if (!report.epochFlaw().isEmpty()) {
      lines.add("epoch: " + report.epochFlaw() + "; a repair writes " + report.epoch());
    }
    if (report.sound()) {
      lines.add("nothing to repair; live tasks: " + report.liveTasks());
      return lines;
    }
    addLosses(lines, report);
    return lines;
  }

  private static void addLosses(List<String> lines, RepairReport report) {
    lines.add(
        "lost: at most "
            + report.missingAtMost()
            + " records"
            + (report.missingAtMost() == 0
                ? ""
                : ", with sequences from " + report.firstMissing() + " to " + report.lastMissing())
            + "; behind the last one that can be read, an unforced one would leave no trace");
    if (report.tasksKnown()) {
      lines.add(
          "accepted tasks that would be gone: "
              + report.lostTasks()
              + names(report.lostTaskIds(), report.lostTasks()));
      lines.add(
          "recorded outcomes that would be gone, so that the tasks run again: "
              + report.lostOutcomes()
              + names(report.lostOutcomeIds(), report.lostOutcomes()));
    }
    lines.add("live tasks that stay: " + report.liveTasks());
  }

  private static String names(List<String> ids, long all) {
    return ids.isEmpty()
        ? ""
        : " (" + String.join(" ", ids) + (all > ids.size() ? " ..." : "") + ")";
  }
}
