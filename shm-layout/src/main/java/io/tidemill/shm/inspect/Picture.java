package io.tidemill.shm.inspect;

import io.tidemill.shm.region.Layout;
import java.util.ArrayList;
import java.util.List;

/** Draws a record's layout, 8 bytes a row, and the bits of a word. */
final class Picture {
  private static final int ROW_BYTES = 8;
  private static final int BYTE_WIDTH = 8;

  /** A stretch of a record with one name; bytes are counted from the record's beginning. */
  private record Stretch(String name, int from, int to) {}

  /** Some bits of a word, from the highest down. */
  record Bits(String name, int count) {}

  private Picture() {}

  /** A record with its ruler, ready to stand in a code block. */
  static String of(Layout layout) {
    List<List<Stretch>> rows = rows(stretches(layout));
    StringBuilder text = new StringBuilder("       ");
    for (int i = 0; i < ROW_BYTES; i++) {
      text.append(String.format("%-" + BYTE_WIDTH + "s", "   " + i));
    }
    text.append('\n').append(border(List.of(), rows.get(0)));
    for (int i = 0; i < rows.size(); i++) {
      text.append(line(rows.get(i)));
      text.append(border(rows.get(i), i + 1 < rows.size() ? rows.get(i + 1) : List.of()));
    }
    return text.toString().replaceAll("(?m) +$", "");
  }

  /** A 64-bit word with the numbers of its bits. */
  static String of(List<Bits> word) {
    StringBuilder ruler = new StringBuilder(" ");
    StringBuilder edge = new StringBuilder("+");
    StringBuilder names = new StringBuilder("|");
    int bit = Long.SIZE;
    for (Bits bits : word) {
      String high = Integer.toString(bit - 1);
      bit -= bits.count();
      String low = bits.count() == 1 ? "" : Integer.toString(bit);
      String name = bits.name() + " " + bits.count();
      int width =
          Math.max(Math.max(name.length() + 2, high.length() + low.length() + 1), bits.count());
      ruler
          .append(high)
          .append(" ".repeat(width - high.length() - low.length()))
          .append(low)
          .append(' ');
      edge.append("-".repeat(width)).append('+');
      names.append(centred(name, width)).append('|');
    }
    if (bit != 0) {
      throw new IllegalArgumentException("the bits are no word: left=" + bit);
    }
    return ruler.toString().stripTrailing() + "\n" + edge + "\n" + names + "\n" + edge + "\n";
  }

  /** The fields and the gaps between them. */
  private static List<Stretch> stretches(Layout layout) {
    List<Stretch> stretches = new ArrayList<>();
    int at = 0;
    for (Layout.Field field : layout.fields()) {
      if (field.offset() > at) {
        stretches.add(new Stretch("unused", at, field.offset()));
      }
      at = field.offset() + field.length();
      stretches.add(new Stretch(field.name(), field.offset(), at));
    }
    int end = (layout.length() + ROW_BYTES - 1) / ROW_BYTES * ROW_BYTES;
    if (at < end) {
      stretches.add(new Stretch("unused", at, end));
    }
    return stretches;
  }

  /** Cut into rows; the whole rows of a long stretch are drawn as one. */
  private static List<List<Stretch>> rows(List<Stretch> stretches) {
    List<List<Stretch>> rows = new ArrayList<>();
    List<Stretch> row = new ArrayList<>();
    for (Stretch stretch : stretches) {
      int at = stretch.from();
      while (at < stretch.to()) {
        int end = at % ROW_BYTES == 0 ? wholeRows(at, stretch.to()) : nextRow(at);
        int to = Math.min(end, stretch.to());
        row.add(new Stretch(stretch.name(), at, to));
        at = to;
        if (at % ROW_BYTES == 0) {
          rows.add(row);
          row = new ArrayList<>();
        }
      }
    }
    return rows;
  }

  private static int wholeRows(int from, int to) {
    int whole = to / ROW_BYTES * ROW_BYTES;
    return whole > from ? whole : to;
  }

  private static int nextRow(int at) {
    return at / ROW_BYTES * ROW_BYTES + ROW_BYTES;
  }

  private static String line(List<Stretch> row) {
    StringBuilder line = new StringBuilder(String.format("%5d |", row.get(0).from()));
    for (Stretch stretch : row) {
      int bytes = stretch.to() - stretch.from();
      String name = bytes > ROW_BYTES ? stretch.name() + ", " + bytes + " bytes" : stretch.name();
      line.append(centred(name, Math.min(bytes, ROW_BYTES) * BYTE_WIDTH - 1)).append('|');
    }
    return line.append('\n').toString();
  }

  /** With a corner wherever the row above or the one below has a bar. */
  private static String border(List<Stretch> above, List<Stretch> below) {
    char[] line = "-".repeat(ROW_BYTES * BYTE_WIDTH + 1).toCharArray();
    line[0] = '+';
    for (List<Stretch> row : List.of(above, below)) {
      for (Stretch stretch : row) {
        int bar = stretch.to() % ROW_BYTES;
        line[(bar == 0 ? ROW_BYTES : bar) * BYTE_WIDTH] = '+';
      }
    }
    return "      " + new String(line) + "\n";
  }

  private static String centred(String name, int width) {
    String cut = name.length() > width ? name.substring(0, width) : name;
    int left = (width - cut.length()) / 2;
    return " ".repeat(left) + cut + " ".repeat(width - cut.length() - left);
  }
}
