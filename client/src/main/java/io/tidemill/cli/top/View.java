package io.tidemill.cli.top;

import io.tidemill.v1.WorkerInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How the user wants to see the workers. Used by one thread. */
public final class View {
  /** What workers can be sorted by; figures go from the largest down. */
  public enum Sort {
    NAME("name"),
    STATE("state"),
    BEAT("beat"),
    CAPACITY("capacity"),
    IN_FLIGHT("in flight"),
    DONE("done"),
    FAILED("failed"),
    RATE("rate"),
    MEAN("mean");

    final String label;

    Sort(String label) {
      this.label = label;
    }

    Comparator<WorkerInfo> order() {
      return switch (this) {
        case NAME -> Comparator.comparing(WorkerInfo::getWorkerId);
        case STATE -> Comparator.comparing(WorkerInfo::getStateValue);
        case BEAT -> Comparator.comparing(WorkerInfo::getLastBeatMs).reversed();
        case CAPACITY -> Comparator.comparing(WorkerInfo::getCapacity).reversed();
        case IN_FLIGHT -> Comparator.comparing(WorkerInfo::getInFlight).reversed();
        case DONE -> Comparator.comparing(WorkerInfo::getSucceeded).reversed();
        case FAILED -> Comparator.comparing(WorkerInfo::getFailed).reversed();
        case RATE -> Comparator.comparing(WorkerInfo::getRate).reversed();
        case MEAN -> Comparator.comparing(WorkerInfo::getServiceUs).reversed();
      };
    }
  }

  private Sort sort = Sort.NAME;
  private boolean reversed;
  private String filter = "";
  private boolean editingFilter;
  private int firstRow;

  public Sort sort() {
    return sort;
  }

  public boolean isReversed() {
    return reversed;
  }

  public String filter() {
    return filter;
  }

  public boolean isEditingFilter() {
    return editingFilter;
  }

  public int firstRow() {
    return firstRow;
  }

  public void nextSort() {
    sort = Sort.values()[(sort.ordinal() + 1) % Sort.values().length];
  }

  public void reverse() {
    reversed = !reversed;
  }

  public void editFilter() {
    editingFilter = true;
    filter = "";
    firstRow = 0;
  }

  /** A key while the filter is typed: Enter ends it, Escape takes it away. */
  public void typed(int character) {
    switch (character) {
      case '\r', '\n' -> editingFilter = false;
      case 27 -> {
        editingFilter = false;
        filter = "";
      }
      case 8, 127 -> filter = filter.isEmpty() ? "" : filter.substring(0, filter.length() - 1);
      default -> {
        if (character >= ' ') {
          filter += (char) character;
        }
      }
    }
  }

  public void scroll(int rows) {
    firstRow = Math.max(0, firstRow + rows);
  }

  /** Keeps the first row where rows are, after scrolling or when workers went away. */
  void clampFirstRow(int rowCount, int rowsShown) {
    firstRow = Math.max(0, Math.min(firstRow, rowCount - rowsShown));
  }

  /** The workers that match, in order. */
  List<WorkerInfo> select(List<WorkerInfo> workers) {
    Comparator<WorkerInfo> order = reversed ? sort.order().reversed() : sort.order();
    return workers.stream()
        .filter(this::matches)
        .sorted(order.thenComparing(WorkerInfo::getWorkerId))
        .toList();
  }

  private boolean matches(WorkerInfo worker) {
    String wanted = filter.toLowerCase(Locale.ROOT);
    return worker.getWorkerId().toLowerCase(Locale.ROOT).contains(wanted)
        || worker.getHost().toLowerCase(Locale.ROOT).contains(wanted)
        || Renderer.stateName(worker).toLowerCase(Locale.ROOT).contains(wanted);
  }
}
