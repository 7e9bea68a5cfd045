package io.tidemill.shm.inspect;

import io.tidemill.shm.config.GeneratedPart;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.inspect.Picture.Bits;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.ErrorLog;
import io.tidemill.shm.region.Layout;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.TimerHeap;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws docs/shared-memory.md's tables and pictures from the layouts that the code works with. */
public final class LayoutDoc {
  /** A mapped file: how it is put together, and the records in it. */
  private record Region(Kind kind, String order, long bytes, List<Layout> records) {}

  private static final int TASKS = defaultOf(Key.TASKS_MAX);
  private static final int WORKERS = defaultOf(Key.WORKERS_MAX);
  private static final int TYPES = defaultOf(Key.TYPES_MAX);

  private static final List<Region> REGIONS =
      List.of(
          new Region(
              Kind.CONTROL,
              "The control record (its first 64 bytes are the region header), a process row for"
                  + " each role, 32 counters of 8 bytes for each role, 16 error entries for each"
                  + " role.",
              Control.bytes(),
              List.of(Control.SHARED, Control.PROCESS, ErrorLog.LAYOUT)),
          new Region(
              Kind.TASKS,
              "The region header, then one slot for each live task that there may be.",
              TaskTable.bytes(TASKS),
              List.of(TaskTable.LAYOUT)),
          new Region(
              Kind.TASK_HEAP,
              "The region header, a lane for each task type, the chunk directory, and from the next"
                  + " multiple of 64 on the chunks: 1,024 entries of 16 bytes each. A lane's heap"
                  + " is 4-ary, over its chunks in the order of their ordinals.",
              TaskHeap.bytes(TASKS, TYPES),
              List.of(TaskHeap.LANE_LAYOUT, TaskHeap.CHUNK)),
          new Region(
              Kind.WORKERS,
              "The region header, then a row for each worker that there may be.",
              WorkerTable.bytes(WORKERS),
              List.of(WorkerTable.LAYOUT)),
          new Region(
              Kind.WORKER_HEAP,
              "The region header, at 64 the number of workers in the heap (4 bytes, by the Main"
                  + " Scheduler), from 128 on a record for each row of the worker table. The places"
                  + " of the binary heap stand in the same records: place p is the field \"row\" of"
                  + " record p.",
              WorkerHeap.bytes(WORKERS),
              List.of(WorkerHeap.LAYOUT)),
          new Region(
              Kind.MAPPING,
              "The region header, then an entry for each slot of the task table.",
              Mapping.bytes(TASKS),
              List.of(Mapping.LAYOUT)),
          new Region(
              Kind.TYPES,
              "The region header, at 64 the number of types (4 bytes, by the PLM, written last),"
                  + " from 128 on their names.",
              TypeTable.bytes(TYPES),
              List.of(TypeTable.LAYOUT)),
          new Region(
              Kind.RINGS,
              "The region header, then five rings, each a record as below and 65,536 entries of two"
                  + " longs: PLM to Main Scheduler, Register to Main Scheduler, Register to PLM,"
                  + " PLM to Register, Main Scheduler to Register.",
              Rings.bytes(),
              List.of(Ring.LAYOUT)),
          new Region(
              Kind.CANCEL_NOTES,
              "The region header, then 4,096 notes. The note of a task stands at its slot's number"
                  + " modulo 4,096.",
              NoteTable.bytes(),
              List.of(NoteTable.LAYOUT)),
          new Region(
              Kind.PROGRESS_NOTES,
              "As cancel-notes, by the Register.",
              NoteTable.bytes(),
              List.of()),
          new Region(
              Kind.TERMS,
              "The region header, then a record for each slot of the task table. What it holds"
                  + " counts if bit 1 of the slot's flags is set.",
              TermsTable.bytes(TASKS),
              List.of(TermsTable.LAYOUT)),
          new Region(
              Kind.RULES,
              "The region header, at 64 the version (8 bytes, by the PLM, written last), at 72 and"
                  + " 76 how many rules each of two tables has (by the PLM), from 128 on the tables"
                  + " of 2,048 rules each. The lowest bit of the version says which of them holds.",
              RuleTable.bytes(RuleTable.RULES_MAX),
              List.of(RuleTable.LAYOUT)),
          new Region(
              Kind.TIMERS,
              "As task-heap, with two lanes: in the first one what has a monotonic time, in ns, in"
                  + " the second one what has a time of the wall clock, in ms.",
              TimerHeap.bytes(TASKS),
              List.of()),
          new Region(
              Kind.LEASES_TAKEN,
              "The region header, then 16,384 entries. Those of a task stand in the eight from eight"
                  + " times (its slot's number modulo 2,048) on.",
              LeaseTable.bytes(),
              List.of(LeaseTable.LAYOUT)),
          new Region(
              Kind.LEASES_RETURNED,
              "As leases-taken, by the Register.",
              LeaseTable.bytes(),
              List.of()),
          new Region(
              Kind.PARTIALS,
              "The region header, then 4,096 parts. A part stands at its number modulo 4,096.",
              PartialRing.bytes(),
              List.of(PartialRing.LAYOUT)));

  private LayoutDoc() {}

  /** Prints the parts, or writes them into the document that is named. */
  public static void main(String[] arguments) throws IOException {
    GeneratedPart.main(arguments, parts());
  }

  /** The generated parts of the document, by name. */
  public static Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("writers", writers());
    parts.put("files", files());
    parts.put("words", words());
    parts.put("states", states());
    parts.put("layouts", layouts());
    parts.put("counters", counters());
    return parts;
  }

  /** Which process writes which fields. */
  private static String writers() {
    StringBuilder text =
        new StringBuilder("| region | record | fields | writer |\n|---|---|---|---|\n");
    writers("every file", RegionHeader.LAYOUT, text);
    for (Region region : REGIONS) {
      region.records().forEach(record -> writers(region.kind().fileName(), record, text));
    }
    return text.toString();
  }

  private static void writers(String region, Layout record, StringBuilder text) {
    Map<String, List<String>> fieldsOf =
        record.fields().stream()
            .filter(field -> !field.name().equals("header"))
            .collect(
                Collectors.groupingBy(
                    Layout.Field::writer,
                    LinkedHashMap::new,
                    Collectors.mapping(Layout.Field::name, Collectors.toList())));
    fieldsOf.forEach(
        (writer, fields) -> row(text, region, record.name(), String.join(", ", fields), writer));
  }

  private static String files() {
    StringBuilder text =
        new StringBuilder("| kind | file | size at default settings |\n|---|---|---|\n");
    for (Region region : REGIONS) {
      row(
          text,
          region.kind().ordinal(),
          "`" + region.kind().fileName() + "`",
          String.format("%,d KiB", (region.bytes() + 1023) / 1024));
    }
    return text.append("\nThe layout's version is ")
        .append(RegionHeader.VERSION)
        .append(".\n")
        .toString();
  }

  private static String words() {
    int lease = Integer.SIZE;
    StringBuilder text = new StringBuilder();
    word(
        text,
        "The state word of a slot",
        new Bits("generation", StateWord.GENERATION_BITS),
        new Bits("lease", StateWord.LEASE_BITS),
        new Bits("owner", StateWord.OWNER_BITS),
        new Bits("state", StateWord.STATE_BITS));
    word(
        text,
        "A task's id",
        new Bits("epoch", TaskId.EPOCH_BITS),
        new Bits("generation", StateWord.GENERATION_BITS),
        new Bits("slot", TaskId.SLOT_BITS));
    word(
        text,
        "A lease as it leaves the host: the fencing token",
        new Bits("epoch", lease),
        new Bits("lease number", lease));
    word(
        text,
        "A worker's key on its streams",
        new Bits("epoch", TaskId.EPOCH_BITS),
        new Bits("incarnation", Long.SIZE - TaskId.EPOCH_BITS - StateWord.OWNER_BITS),
        new Bits("row", StateWord.OWNER_BITS));
    word(
        text,
        "A mapping entry",
        new Bits("row of the worker plus one", lease),
        new Bits("lease number", lease));
    word(
        text,
        "An entry of the task heap, first long: the better entry is the smaller one, unsigned",
        new Bits("priority, inverted", lease),
        new Bits("sequence, high", lease));
    word(
        text,
        "The same with ageing (`order.ageing.points.per.hour`)",
        new Bits("rank, inverted", Long.SIZE));
    word(
        text,
        "An entry of the task heap, second long",
        new Bits("sequence, low", Long.SIZE - TaskId.SLOT_BITS),
        new Bits("slot", TaskId.SLOT_BITS));
    word(text, "An entry of the timers, first long", new Bits("time", Long.SIZE));
    word(
        text,
        "An entry of the timers, second long",
        new Bits("0", Long.SIZE - StateWord.GENERATION_BITS - TaskId.SLOT_BITS),
        new Bits("generation", StateWord.GENERATION_BITS),
        new Bits("slot", TaskId.SLOT_BITS));
    word(
        text,
        "A ring's entry, first long; the second one is what the table below says",
        new Bits("kind", lease),
        new Bits("slot or row", lease));
    return text.append(ringEntries()).toString();
  }

  private static void word(StringBuilder text, String title, Bits... bits) {
    text.append(title).append(":\n\n```\n").append(Picture.of(List.of(bits))).append("```\n\n");
  }

  private static String ringEntries() {
    StringBuilder text =
        new StringBuilder("| kind | entry | names | second long |\n|---|---|---|---|\n");
    row(text, Rings.TASK_READY, "TASK_READY", "slot", "sequence");
    row(text, Rings.CAPACITY_RETURNED, "CAPACITY_RETURNED", "worker row", "how many leases ended");
    row(text, Rings.WORKER_CHANGED, "WORKER_CHANGED", "worker row", "incarnation");
    row(text, Rings.TASK_ENDED, "TASK_ENDED", "slot", "task id");
    row(text, Rings.TASK_CANCEL, "TASK_CANCEL", "slot", "task id");
    row(text, Rings.WORKER_LOST, "WORKER_LOST", "worker row", "incarnation");
    row(text, Rings.TASK_DEAD, "TASK_DEAD", "slot", "task id");
    row(text, Rings.TASK_OVERRUN, "TASK_OVERRUN", "slot", "lease token");
    row(text, Rings.TASK_WAITING, "TASK_WAITING", "slot", "sequence");
    row(text, Rings.TASK_EXPIRED, "TASK_EXPIRED", "slot", "task id");
    return text.toString();
  }

  private static String states() {
    StringBuilder text = new StringBuilder("| number | state | may become |\n|---|---|---|\n");
    for (TaskState state : TaskState.values()) {
      String next =
          state.successors().stream().map(TaskState::name).collect(Collectors.joining(", "));
      row(text, state.ordinal(), state.name(), next);
    }
    return text.toString();
  }

  private static String layouts() {
    StringBuilder text = new StringBuilder("### Every file\n\nThe first 64 bytes.\n\n");
    record(RegionHeader.LAYOUT, text);
    for (Region region : REGIONS) {
      text.append("### ").append(region.kind().fileName()).append("\n\n");
      text.append(region.order()).append("\n\n");
      region.records().forEach(layout -> record(layout, text));
    }
    return text.toString();
  }

  private static void record(Layout layout, StringBuilder text) {
    text.append("#### ").append(layout.name()).append(", ").append(layout.length());
    text.append(" bytes\n\n```\n").append(Picture.of(layout)).append("```\n\n");
    text.append("| field | offset | bytes | writer | holds |\n|---|---|---|---|---|\n");
    for (Layout.Field field : layout.fields()) {
      row(text, field.name(), field.offset(), field.length(), field.writer(), field.text());
    }
    text.append('\n');
  }

  private static String counters() {
    StringBuilder text =
        new StringBuilder(
            "| counter | offset in `control` | writer | counts |\n|---|---|---|---|\n");
    for (Counter counter : Counter.values()) {
      row(
          text,
          counter.name(),
          Control.counterAt(counter),
          counter.writer().label(),
          counter.text());
    }
    return text.toString();
  }

  private static void row(StringBuilder text, Object... cells) {
    text.append('|');
    for (Object cell : cells) {
      text.append(' ').append(cell.toString().replace("|", "\\|")).append(" |");
    }
    text.append('\n');
  }

  private static int defaultOf(Key key) {
    return Integer.parseInt(key.defaultValue());
  }
}
