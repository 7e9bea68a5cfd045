package io.tidemill.cli.offline;

import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.shm.inspect.Account;
import java.util.ArrayList;
import java.util.List;

/** An account for people: the figures, then examples of what should not be. */
public final class AccountText {
  private AccountText() {}

  /** The lines to print. */
  public static List<String> lines(Account account) {
    TextTable table =
        new TextTable("figure", "value", "")
            .row("submitted", Units.count(account.submitted()), "")
            .row("accepted", Units.count(account.accepted()), "")
            .row("completed", Units.count(account.completed()), "")
            .row("pending", Units.count(account.pending()), "")
            .row("lost", Units.count(account.lost()), shouldBeNone(account.lost()))
            .row(
                "recorded twice",
                Units.count(account.recordedTwice()),
                shouldBeNone(account.recordedTwice()))
            .row(
                "results wrong",
                Units.count(account.resultsWrong()),
                shouldBeNone(account.resultsWrong()))
            .row("results missing", Units.count(account.resultsMissing()), "")
            .row(
                "duplicated", Units.count(account.duplicated()), shouldBeNone(account.duplicated()))
            .row("unverifiable", Units.count(account.unverifiable()), "")
            .row("longest stall ms", Units.count(account.longestStallMillis()), "");
    if (account.badLines() > 0) {
      table.row("bad ledger lines", Units.count(account.badLines()), "");
    }
    List<String> lines = new ArrayList<>(table.lines());
    account
        .examples()
        .forEach((figure, tasks) -> tasks.forEach(task -> lines.add(figure + ": " + task)));
    account.damage().forEach(flaw -> lines.add("a journal is damaged: " + flaw));
    lines.add(account.isClean() ? "The account is clean." : "The account is NOT clean.");
    return lines;
  }

  private static String shouldBeNone(long count) {
    return count == 0 ? "" : "<- should be 0";
  }
}
