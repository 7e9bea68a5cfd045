package io.tidemill.shm.inspect;

import io.tidemill.shm.region.DamagedException;
import io.tidemill.shm.region.TypeTable;

/** Names of task types for numbers that may be garbage. */
final class Types {
  private final TypeTable table;

  Types(TypeTable table) {
    this.table = table;
  }

  int capacity() {
    return table.capacity();
  }

  int count() {
    try {
      return table.count();
    } catch (DamagedException e) {
      return 0;
    }
  }

  boolean contains(int type) {
    return type >= 0 && type < count();
  }

  String name(int type) {
    return contains(type) ? table.name(type) : "type-" + type;
  }
}
