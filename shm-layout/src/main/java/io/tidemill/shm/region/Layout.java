package io.tidemill.shm.region;

import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one record of a region, declared in order so that each offset follows from the one
 * before. The documentation's pictures are drawn from it.
 */
public final class Layout {
  /** One field: offset and length in bytes, who writes it, what it holds. */
  public record Field(String name, int offset, int length, String writer, String text) {}

  private final String name;
  private final List<Field> fields = new ArrayList<>();
  private int end;

  Layout(String name) {
    this.name = name;
  }

  int longField(String field, String writer, String text) {
    return field(field, 8, 8, writer, text);
  }

  int intField(String field, String writer, String text) {
    return field(field, 4, 4, writer, text);
  }

  int longsField(String field, int count, String writer, String text) {
    return field(field, count * 8, 8, writer, text);
  }

  int bytesField(String field, int length, String writer, String text) {
    return field(field, length, 4, writer, text);
  }

  /**
   * Goes on at the next multiple, so that what different processes write stands in different cache
   * lines.
   */
  void alignTo(int bytes) {
    end = (end + bytes - 1) / bytes * bytes;
  }

  /**
   * The record's length. Fails at class load if the fields do not fill what the region was designed
   * for.
   */
  int stride(int expected) {
    if (end > expected) {
      throw new IllegalStateException(
          "layout too long: record=" + name + " bytes=" + end + " expected=" + expected);
    }
    end = expected;
    return expected;
  }

  public String name() {
    return name;
  }

  public int length() {
    return end;
  }

  public List<Field> fields() {
    return List.copyOf(fields);
  }

  private int field(String field, int length, int alignment, String writer, String text) {
    alignTo(alignment);
    int offset = end;
    fields.add(new Field(field, offset, length, writer, text));
    end += length;
    return offset;
  }
}
