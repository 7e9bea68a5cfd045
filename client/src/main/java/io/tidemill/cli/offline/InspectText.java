package io.tidemill.cli.offline;

import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.client.Priorities;
import io.tidemill.shm.inspect.InstanceReport;
import io.tidemill.shm.inspect.InstanceReport.DefinitionState;
import io.tidemill.shm.inspect.InstanceReport.Header;
import io.tidemill.shm.inspect.InstanceReport.Lane;
import io.tidemill.shm.inspect.InstanceReport.WithTerms;
import io.tidemill.shm.inspect.InstanceReport.Worker;
import io.tidemill.shm.region.ErrorLog;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A report for people, one table a section; sections without anything are left out, findings come
 * last.
 */
public final class InspectText {
  private static final int DEPENDENCIES_SHOWN = 3;

  private final InstanceReport report;
  private final List<String> lines = new ArrayList<>();

  private InspectText(InstanceReport report) {
    this.report = report;
  }

  /** The lines to print. */
  public static List<String> lines(InstanceReport report) {
    return new InspectText(report).all();
  }

  private List<String> all() {
    header(report.header());
    processes();
    slots();
    report.lanes().forEach(this::lane);
    workers();
    offers();
    mapping();
    terms();
    rules();
    schedules();
    definitions();
    rings();
    counters();
    errors();
    journals();
    findings();
    return lines;
  }

  private void header(Header h) {
    lines.add("instance  " + h.data());
    lines.add(
        "files     "
            + h.mapped()
            + "  magic "
            + h.magic()
            + "  version "
            + h.version()
            + "  stamp "
            + h.stamp());
    lines.add("boot      " + h.boot() + (h.thisBoot() ? " (this boot)" : " (an earlier boot)"));
    lines.add(
        "epoch     "
            + h.epoch()
            + "  created "
            + time(h.createdMillis())
            + "  last sequence "
            + h.lastSequence());
    lines.add(
        "capacity  tasks "
            + Units.count(h.tasksMax())
            + " (used so far "
            + Units.count(h.slotsUsed())
            + ")  workers "
            + h.workersMax()
            + "  types "
            + h.typesMax());
    lines.add("placement " + h.placement());
  }

  private void processes() {
    TextTable table =
        new TextTable("process", "alive", "pid", "incarnation", "phase", "started", "beats");
    report
        .processes()
        .forEach(
            p ->
                table.row(
                    p.role(),
                    p.alive() ? "yes" : "no",
                    p.pid(),
                    p.incarnation(),
                    p.phase(),
                    time(p.startedMillis()),
                    p.beats()));
    section("Processes", table);
  }

  private void slots() {
    TextTable table = new TextTable("state", "slots");
    report.slots().forEach((state, count) -> table.row(state.name(), Units.count(count)));
    section("Slots by state", table);
  }

  private void lane(Lane lane) {
    TextTable table = new TextTable("task", "priority", "sequence", "slot", "state", "");
    lane.best()
        .forEach(
            q ->
                table.row(
                    q.id().isEmpty() ? "(another)" : q.id(),
                    Priorities.format(q.priority()),
                    q.sequence(),
                    q.slot(),
                    q.state(),
                    q.stale() ? "stale" : ""));
    section(
        "Heap of type "
            + TextTable.printable(lane.type())
            + ", "
            + Units.count(lane.size())
            + " entries",
        table);
  }

  private void workers() {
    TextTable table =
        new TextTable(
            "worker",
            "row",
            "state",
            "incarnation",
            "capacity",
            "in flight",
            "window",
            "holds",
            "done",
            "failed",
            "last beat");
    report
        .workers()
        .forEach(
            w ->
                table.row(
                    w.id(),
                    w.row(),
                    w.state(),
                    w.incarnation(),
                    w.capacity(),
                    w.inFlight(),
                    w.window(),
                    w.held(),
                    w.succeeded(),
                    w.failed(),
                    w.lastBeatMillis() < 0 ? "unknown" : Units.age(w.lastBeatMillis())));
    if (!report.workers().isEmpty()) {
      section("Workers", table);
    }
  }

  private void mapping() {
    TextTable table = new TextTable("task", "slot", "worker", "row", "lease", "state", "priority");
    report
        .held()
        .forEach(
            h ->
                table.row(
                    h.id(),
                    h.slot(),
                    h.workerId(),
                    h.worker(),
                    h.lease(),
                    h.state(),
                    Priorities.format(h.priority())));
    if (!report.held().isEmpty()) {
      section("Under a lease (first " + report.held().size() + ")", table);
    }
  }

  /** Only of workers that say more than their types. */
  private void offers() {
    TextTable table = new TextTable("worker", "queues", "order", "labels", "amounts");
    List<Worker> offering =
        report.workers().stream()
            .filter(w -> !(w.queues().isEmpty() && w.labels().isEmpty() && w.amounts().isEmpty()))
            .toList();
    offering.forEach(
        w ->
            table.row(
                w.id(),
                w.queues().isEmpty()
                    ? "all"
                    : w.queues().stream()
                        .map(share -> share.queue() + "=" + share.weight())
                        .collect(Collectors.joining(",")),
                w.queueOrder().toLowerCase(Locale.ROOT),
                pairs(w.labels()),
                pairs(w.amounts())));
    if (!offering.isEmpty()) {
      section("What workers offer", table);
    }
  }

  private static String pairs(Map<String, ?> map) {
    return map.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(","));
  }

  private void terms() {
    TextTable table =
        new TextTable(
            "task",
            "class",
            "state",
            "due",
            "start by",
            "end by",
            "retry",
            "deaths",
            "key",
            "waits for",
            "schedule");
    for (WithTerms t : report.terms()) {
      table.row(
          t.id(),
          t.lane(),
          t.state(),
          time(t.runAtMillis() == 0 ? t.dueMillis() : t.runAtMillis()),
          time(t.startByMillis()),
          time(t.endByMillis()),
          retry(t),
          t.returns()
              + (t.workerDeathsMax() == 0 ? "" : " of " + t.workerDeathsMax())
              + (t.announces() ? ", announces" : ""),
          t.key(),
          waitsFor(t),
          StoredViews.schedule(t));
    }
    if (!report.terms().isEmpty()) {
      section("Terms of tasks (first " + report.terms().size() + ")", table);
    }
  }

  private static String retry(WithTerms task) {
    return task.backoffInitialMillis() == 0
        ? "-"
        : task.backoffInitialMillis()
            + " ms x "
            + task.backoffMultiplier()
            + " to "
            + task.backoffMaxMillis()
            + " ms - "
            + task.backoffJitterPercent()
            + " %";
  }

  private static String waitsFor(WithTerms task) {
    List<String> of = StoredViews.dependsOn(task);
    if (of.isEmpty()) {
      return "-";
    }
    String first = String.join(",", of.subList(0, Math.min(DEPENDENCIES_SHOWN, of.size())));
    return task.pending()
        + " of "
        + of.size()
        + ": "
        + first
        + (of.size() > DEPENDENCIES_SHOWN ? ",..." : "");
  }

  private void rules() {
    TextTable table = new TextTable("rule for", "name", "paused", "most", "rate", "burst");
    report
        .rules()
        .forEach(
            r ->
                table.row(
                    r.of(),
                    r.name(),
                    r.paused() ? "yes" : "no",
                    r.most() == 0 ? "any" : r.most(),
                    r.permits() == 0 ? "any" : r.permits() + " in " + r.periodMillis() + " ms",
                    r.burst()));
    if (!report.rules().isEmpty()) {
      section("Rules of queues and keys", table);
    }
  }

  private void schedules() {
    TextTable table =
        new TextTable("schedule", "cron", "zone", "type", "paused", "settled", "submitted");
    List<StoredViews.ScheduleView> schedules = StoredViews.schedules(report);
    schedules.forEach(
        s ->
            table.row(
                s.name(),
                s.cron(),
                s.zone(),
                s.type(),
                s.paused() ? "yes" : "no",
                time(s.settledMillis()),
                s.submitted()));
    if (!schedules.isEmpty()) {
      section("Schedules", table);
    }
  }

  /** How many of each kind. */
  private void definitions() {
    TextTable table = new TextTable("definitions", "count", "bytes");
    report.definitions().stream()
        .collect(Collectors.groupingBy(DefinitionState::kind, TreeMap::new, Collectors.toList()))
        .forEach(
            (kind, all) ->
                table.row(
                    kind,
                    all.size(),
                    Units.count(all.stream().mapToLong(DefinitionState::bytes).sum())));
    if (!report.definitions().isEmpty()) {
      section("Definitions in the journal", table);
    }
  }

  private void rings() {
    TextTable table = new TextTable("ring", "entries", "overflown");
    report.rings().forEach(r -> table.row(r.name(), r.size(), r.overflown() ? "yes" : "no"));
    section("Rings", table);
  }

  private void counters() {
    TextTable table = new TextTable("count", "of", "by");
    report
        .counters()
        .forEach(
            (counter, count) ->
                table.row(Units.count(count), counter.text(), counter.writer().label()));
    section("Counters", table);
  }

  private void errors() {
    TextTable table = new TextTable("process", "times", "last", "error");
    for (ErrorLog.Entry error : report.errors()) {
      table.row(error.role().label(), error.count(), time(error.lastMillis()), error.text());
    }
    if (!report.errors().isEmpty()) {
      section("Errors", table);
    }
  }

  private void journals() {
    TextTable table =
        new TextTable("journal", "cycles", "first", "bytes", "records", "last sequence", "last at");
    report
        .journals()
        .forEach(
            j ->
                table.row(
                    j.name(),
                    j.cycles(),
                    j.firstCycle(),
                    Units.count(j.bytes()),
                    Units.count(j.records()),
                    j.lastSequence(),
                    j.lastPosition()));
    section("Journals", table);
  }

  private void findings() {
    lines.add("");
    lines.add(report.findings().isEmpty() ? "Findings: none" : "Findings");
    report
        .findings()
        .forEach(
            f -> lines.add("  " + Units.count(f.count()) + " x " + TextTable.printable(f.text())));
  }

  private void section(String title, TextTable table) {
    lines.add("");
    lines.add(title);
    table.lines().forEach(line -> lines.add("  " + line));
  }

  /** To the second, in UTC, as logs have it. Garbage is shown as the number that it is. */
  private static String time(long millis) {
    if (millis == 0) {
      return "-";
    }
    return Math.abs(millis) < 1L << 50
        ? Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString()
        : Long.toString(millis);
  }
}
