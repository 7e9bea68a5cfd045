package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules for queues and keys, from the PLM to the Main Scheduler: a copy of definitions, which
 * stand in the journal. There are two tables. The PLM writes the one that is not in use and then
 * the version, whose lowest bit says which is: a crash in between leaves the rules that held
 * before, and the next PLM writes all of them anew.
 */
public final class RuleTable {
  /** Of queues and keys together. */
  public static final int RULES_MAX = 2_048;

  public static final Layout LAYOUT = new Layout("rule");
  static final int MOST = LAYOUT.longField("most", "PLM", "tasks at a time; 0: any");
  static final int PERMITS = LAYOUT.longField("permits", "PLM", "leases in a period; 0: any");
  static final int PERIOD = LAYOUT.longField("period", "PLM", "ms");
  static final int BURST = LAYOUT.longField("burst", "PLM", "leases at once");
  static final int OF = LAYOUT.intField("of", "PLM", "0: a queue, 1: a key");
  static final int PAUSED = LAYOUT.intField("paused", "PLM", "1: nothing is assigned");
  static final int NAME_LENGTH = LAYOUT.intField("name length", "PLM", "bytes");
  static final int NAME = LAYOUT.bytesField("name", Rule.NAME_MAX, "PLM", "ASCII");
  static final int STRIDE = LAYOUT.stride(192);

  private static final int VERSION_AT = RegionHeader.BYTES;
  private static final int COUNTS_AT = RegionHeader.BYTES + 8;
  private static final int TABLES_AT = RegionHeader.BYTES + 64;

  private static final Rule.Of[] OFS = Rule.Of.values();

  private final Memory memory;
  private final int capacity;

  public RuleTable(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  /** Of a region with so many rules in each of its tables. */
  public static long bytes(int capacity) {
    return TABLES_AT + 2L * capacity * STRIDE;
  }

  public int capacity() {
    return capacity;
  }

  /** Changes whenever the rules may have changed. */
  public long version() {
    return memory.getLongAcquire(VERSION_AT);
  }

  /** PLM: these rules hold from now on, and no others. At most {@link #capacity}. */
  public void publish(List<Rule> rules) {
    if (rules.size() > capacity) {
      throw new IllegalArgumentException(
          "too many rules: rules=" + rules.size() + " capacity=" + capacity);
    }
    long next = version() + 1;
    int table = (int) (next & 1);
    memory.fullFence();
    for (int i = 0; i < rules.size(); i++) {
      write(at(table, i), rules.get(i));
    }
    memory.putInt(COUNTS_AT + 4 * table, rules.size());
    memory.putLongRelease(VERSION_AT, next);
  }

  private void write(long at, Rule rule) {
    byte[] name = rule.name().getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(Rule.NAME_MAX, name.length);
    memory.putLong(at + MOST, rule.most());
    memory.putLong(at + PERMITS, rule.permits());
    memory.putLong(at + PERIOD, rule.periodMillis());
    memory.putLong(at + BURST, rule.burst());
    memory.putInt(at + OF, rule.of().ordinal());
    memory.putInt(at + PAUSED, rule.paused() ? 1 : 0);
    memory.putInt(at + NAME_LENGTH, length);
    memory.putBytes(at + NAME, name, 0, length);
  }

  /** The rules that hold. */
  public List<Rule> read() {
    while (true) {
      long version = version();
      List<Rule> rules = read((int) (version & 1));
      memory.fullFence();
      if (version() == version) {
        return rules;
      }
      Thread.onSpinWait();
    }
  }

  private List<Rule> read(int table) {
    int count = Math.max(0, Math.min(capacity, memory.getInt(COUNTS_AT + 4 * table)));
    List<Rule> rules = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rules.add(read(at(table, i)));
    }
    return rules;
  }

  private Rule read(long at) {
    int length = Math.max(0, Math.min(Rule.NAME_MAX, memory.getInt(at + NAME_LENGTH)));
    byte[] name = new byte[length];
    memory.getBytes(at + NAME, name, 0, length);
    return new Rule(
        OFS[memory.getInt(at + OF) & 1],
        new String(name, StandardCharsets.US_ASCII),
        memory.getInt(at + PAUSED) != 0,
        memory.getLong(at + MOST),
        memory.getLong(at + PERMITS),
        memory.getLong(at + PERIOD),
        memory.getLong(at + BURST));
  }

  private long at(int table, int index) {
    return TABLES_AT + ((long) table * capacity + index) * STRIDE;
  }
}
