package io.tidemill.cli.top;

import io.tidemill.cli.text.Style;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.client.Priorities;
import io.tidemill.client.TaskStates;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Draws a snapshot as lines of a given width; knows nothing of terminals. */
public final class Renderer {
  /** A height without an end: everything is shown. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  private static final int WORKER_ROWS_MIN = 1;
  private static final String PREFIX = "WORKER_STATE_";

  private final Style style;
  private final DateTimeFormatter clock;

  public Renderer(Style style, ZoneId zone) {
    this.style = style;
    this.clock = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(zone);
  }

  /** A line with the look it gets once it is cut to the width. */
  private record Line(String text, UnaryOperator<String> look) {}

  static String stateName(WorkerInfo worker) {
    return worker.getState() == WorkerState.UNRECOGNIZED
        ? "UNKNOWN"
        : worker.getState().name().substring(PREFIX.length());
  }

  /** At most {@code height} lines of at most {@code width} visible characters. */
  public List<String> render(Snapshot snapshot, View view, int width, int height) {
    List<Line> top = new ArrayList<>();
    addHead(top, snapshot);
    addProcesses(top, snapshot.stats());
    addFigures(top, snapshot.stats());
    boolean bounded = height != UNBOUNDED;
    int room = bounded ? Math.max(WORKER_ROWS_MIN, height - top.size() - 3) : UNBOUNDED;
    addWorkers(top, snapshot, view, room);
    List<Line> shown = top;
    if (bounded) {
      shown = new ArrayList<>(top.subList(0, Math.min(top.size(), Math.max(0, height - 1))));
      shown.add(keys(view));
    }
    return shown.stream().map(line -> line.look().apply(cut(line.text(), width))).toList();
  }

  private static String cut(String text, int width) {
    String printable = TextTable.printable(text);
    return printable.length() <= width ? printable : printable.substring(0, Math.max(0, width));
  }

  private static void plain(List<Line> lines, String text) {
    lines.add(new Line(text, UnaryOperator.identity()));
  }

  private void addHead(List<Line> lines, Snapshot snapshot) {
    String now = clock.format(Instant.ofEpochMilli(snapshot.timeMillis()));
    lines.add(
        new Line(
            "tidemill top  "
                + now
                + "  plm "
                + snapshot.plm().address()
                + "  register "
                + snapshot.register().address(),
            style::bold));
    addTrouble(lines, "plm", snapshot.plm());
    addTrouble(lines, "register", snapshot.register());
  }

  private void addTrouble(List<Line> lines, String name, Snapshot.Link link) {
    if (link.isAway()) {
      String since = clock.format(Instant.ofEpochMilli(link.awaySinceMillis()));
      lines.add(new Line(name + " unreachable since " + since + ": " + link.error(), style::red));
    }
  }

  private void addProcesses(List<Line> lines, GetStatsResponse stats) {
    TextTable table = new TextTable("process", "state", "pid", "incarnation", "restarts");
    for (ProcessInfo process : stats.getProcessesList()) {
      table.row(
          process.getRole(),
          process.getState(),
          process.getPid(),
          process.getIncarnation(),
          process.getRestarts());
    }
    List<String> rows = table.lines();
    lines.add(new Line(rows.get(0), style::faint));
    for (int i = 0; i < stats.getProcessesCount(); i++) {
      String state = stats.getProcesses(i).getState();
      lines.add(new Line(rows.get(i + 1), text -> style.state(state, text)));
    }
  }

  private static void addFigures(List<Line> lines, GetStatsResponse stats) {
    plain(
        lines,
        "speed    "
            + Units.rate(stats.getTasksPerS())
            + " tasks/s  p50 "
            + Units.micros(stats.getP50Us())
            + "  p95 "
            + Units.micros(stats.getP95Us())
            + "  p99 "
            + Units.micros(stats.getP99Us())
            + "  max "
            + Units.micros(stats.getMaxUs()));
    plain(lines, "tasks    " + states(stats));
    plain(lines, "ready    " + priorities(stats));
    plain(
        lines,
        "account  accepted "
            + Units.count(stats.getAccepted())
            + "  recorded "
            + Units.count(stats.getRecorded())
            + "  returned "
            + Units.count(stats.getReturned())
            + "  refused "
            + Units.count(stats.getRefused())
            + "  twice "
            + Units.count(stats.getRecordedTwice())
            + "  inversions "
            + Units.count(stats.getInversions()));
    plain(
        lines,
        "workers  alive "
            + stats.getWorkersAlive()
            + "  late "
            + stats.getWorkersLate()
            + "  draining "
            + stats.getWorkersDraining()
            + "  dead "
            + stats.getWorkersDead()
            + (stats.getPlacementPolicy().isEmpty()
                ? ""
                : "  placement " + stats.getPlacementPolicy()));
  }

  private static String states(GetStatsResponse stats) {
    String states =
        stats.getStatesList().stream()
            .filter(state -> state.getCount() > 0)
            .map(state -> TaskStates.name(state.getState()) + " " + Units.count(state.getCount()))
            .collect(Collectors.joining("  "));
    return states.isEmpty() ? "none" : states;
  }

  private static String priorities(GetStatsResponse stats) {
    String priorities =
        stats.getPrioritiesList().stream()
            .map(
                p ->
                    "priority "
                        + Priorities.format(p.getPriority())
                        + ": "
                        + Units.count(p.getCount()))
            .collect(Collectors.joining("  "));
    return priorities.isEmpty() ? "none" : priorities;
  }

  private void addWorkers(List<Line> lines, Snapshot snapshot, View view, int room) {
    List<WorkerInfo> selected = view.select(snapshot.workers());
    TextTable table =
        new TextTable(
            "worker", "state", "beat", "capacity", "in flight", "done", "failed", "rate/s", "mean");
    for (WorkerInfo worker : selected) {
      addRow(table, worker);
    }
    List<String> rows = table.lines();
    view.clampFirstRow(selected.size(), Math.min(room, selected.size()));
    plain(lines, "");
    lines.add(new Line(rows.get(0) + selection(view, selected.size(), snapshot), style::bold));
    int end = (int) Math.min(selected.size(), (long) view.firstRow() + room);
    for (int i = view.firstRow(); i < end; i++) {
      String state = stateName(selected.get(i));
      lines.add(new Line(rows.get(i + 1), text -> style.state(state, text)));
    }
  }

  private static void addRow(TextTable table, WorkerInfo worker) {
    table.row(
        worker.getWorkerId(),
        stateName(worker),
        Units.age(worker.getLastBeatMs()),
        worker.getCapacity(),
        worker.getInFlight(),
        worker.getSucceeded(),
        worker.getFailed(),
        Units.rate(worker.getRate()),
        Units.micros(worker.getServiceUs()));
  }

  private static String selection(View view, int selected, Snapshot snapshot) {
    return view.filter().isEmpty()
        ? ""
        : "  (" + selected + " of " + snapshot.workers().size() + " match '" + view.filter() + "')";
  }

  private Line keys(View view) {
    String text =
        view.isEditingFilter()
            ? "filter: " + view.filter() + "_   (Enter: done, Escape: none)"
            : "q quit  s sort ("
                + view.sort().label
                + (view.isReversed() ? ", reversed" : "")
                + ")  r reverse  f filter  arrows, page keys: scroll";
    return new Line(text, style::faint);
  }
}
