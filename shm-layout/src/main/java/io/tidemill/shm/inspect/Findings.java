package io.tidemill.shm.inspect;

import io.tidemill.shm.inspect.InstanceReport.Finding;
import io.tidemill.shm.region.DamagedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Collects findings: each kind once, with how often and the first example. */
final class Findings {
  private final Map<String, Finding> byKind = new LinkedHashMap<>();

  void add(String kind, String text) {
    add(kind, 1, text);
  }

  /** The text of the first one stays. */
  void add(String kind, long count, String text) {
    if (count > 0) {
      byKind.merge(
          kind,
          new Finding(kind, count, text),
          (old, more) -> new Finding(kind, old.count() + count, old.text()));
    }
  }

  /** A value that may be garbage, which its region then says. */
  <T> T readable(String kind, Supplier<T> read, T otherwise) {
    try {
      return read.get();
    } catch (DamagedException e) {
      add(kind, "no value of ours stands there: " + e.getMessage());
      return otherwise;
    }
  }

  List<Finding> list() {
    return List.copyOf(byKind.values());
  }
}
