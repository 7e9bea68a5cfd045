package io.tidemill.cli.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns that line up: numbers to the right, the rest to the left. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  public TextTable(String... headings) {
    this.headings = List.of(headings);
  }

  public TextTable row(Object... cells) {
    rows.add(Arrays.stream(cells).map(String::valueOf).map(TextTable::printable).toList());
    return this;
  }

  /** Control characters would move the terminal's cursor. */
  public static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  /** The same of a text of several lines, which stay. */
  public static String printableLines(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", " ");
  }

  /** The heading's line and one for each row, without trailing blanks. */
  public List<String> lines() {
    int[] widths = widths();
    boolean[] numeric = numeric();
    List<String> lines = new ArrayList<>();
    lines.add(line(headings, widths, numeric));
    rows.forEach(row -> lines.add(line(row, widths, numeric)));
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }

  private int[] widths() {
    int[] widths = headings.stream().mapToInt(String::length).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private boolean[] numeric() {
    boolean[] numeric = new boolean[headings.size()];
    for (int i = 0; i < numeric.length; i++) {
      int column = i;
      numeric[i] = !rows.isEmpty() && rows.stream().allMatch(row -> isQuantity(row.get(column)));
    }
    return numeric;
  }

  private static boolean isQuantity(String cell) {
    return cell.isEmpty()
        || cell.equals("-")
        || cell.matches("-?[0-9][0-9.,]*( ?(us|ms|s|min|h|%))?");
  }

  private static String line(List<String> cells, int[] widths, boolean[] numeric) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String blanks = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(numeric[i] ? blanks + cells.get(i) : cells.get(i) + blanks);
    }
    return line.toString().stripTrailing();
  }
}
