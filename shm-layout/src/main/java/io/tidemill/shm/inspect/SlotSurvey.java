package io.tidemill.shm.inspect;

import io.tidemill.shm.inspect.InstanceReport.Held;
import io.tidemill.shm.inspect.InstanceReport.Queued;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One pass over the slots and the mapping: counts, and what does not fit together. In a running
 * instance a slot may be on its way between two stores; so what looks odd is looked at again after
 * the pass, and counts only if nothing has moved.
 */
final class SlotSurvey {
  private static final int ODD_MAX = 100_000;
  private static final int STATE_MASK = (1 << StateWord.STATE_BITS) - 1;
  private static final TaskState[] STATES = TaskState.values();

  /** A slot as it was when it looked odd. */
  private record Odd(int slot, long word, long holder) {}

  private final TaskTable tasks;
  private final TaskOrder order;
  private final Mapping mapping;
  private final WorkerTable workers;
  private final Types types;
  private final int slots;
  private final int limit;
  private final String type;
  private final long[] counts = new long[STATES.length];
  private final long[] heldByRow;
  private final List<Held> held = new ArrayList<>();
  private final List<Odd> odd = new ArrayList<>();
  private long retired;

  SlotSurvey(Regions regions, Types types, int slots, int limit, String type) {
    this.tasks = regions.tasks();
    this.order = new TaskOrder(regions.tasks(), regions.control());
    this.mapping = regions.mapping();
    this.workers = regions.workers();
    this.types = types;
    this.slots = slots;
    this.limit = limit;
    this.type = type;
    this.heldByRow = new long[workers.capacity()];
  }

  void survey(Findings findings) {
    for (int slot = 0; slot < slots; slot++) {
      look(slot);
    }
    findings.add(
        "slots_retired",
        retired,
        "slots that have held as many tasks as can be told apart, and take no more until the mapped files are made anew");
    for (Odd seen : odd) {
      if (tasks.word(seen.slot()) == seen.word() && mapping.entry(seen.slot()) == seen.holder()) {
        judge(seen, findings);
      }
    }
  }

  /** Slots by state; those that were never used are free. */
  Map<TaskState, Long> states() {
    Map<TaskState, Long> states = new EnumMap<>(TaskState.class);
    for (TaskState state : STATES) {
      states.put(state, counts[state.ordinal()]);
    }
    states.merge(TaskState.FREE, (long) tasks.capacity() - slots, Long::sum);
    return states;
  }

  List<Held> held() {
    return List.copyOf(held);
  }

  long heldBy(int row) {
    return heldByRow[row];
  }

  /** An entry of a heap, with what its slot says now. */
  Queued queued(TaskHeap.Entry entry) {
    int slot = entry.slot();
    if (!tasks.contains(slot)) {
      return new Queued("", slot, 0, entry.sequence(), "GARBAGE", true);
    }
    long word = tasks.word(slot);
    boolean same = order.second(slot) == entry.second();
    boolean inPlace = order.isOf(slot, entry.first(), entry.second());
    return new Queued(
        same ? Hex.of(tasks.id(slot)) : "",
        slot,
        tasks.priority(slot),
        same ? tasks.sequence(slot) : entry.sequence(),
        stateName(word),
        !inPlace || (word & STATE_MASK) != TaskState.READY.ordinal());
  }

  private void look(int slot) {
    long word = tasks.word(slot);
    long holder = mapping.entry(slot);
    int state = (int) (word & STATE_MASK);
    if (state < STATES.length) {
      counts[state]++;
      retired += TaskTable.isRetired(word) ? 1 : 0;
    }
    boolean leased = state < STATES.length && STATES[state].isLeased();
    if (leased) {
      lookAtLease(slot, word);
    }
    boolean fits = leased ? holder == holderOf(word) : holder == 0;
    boolean settled =
        state < STATES.length && STATES[state] != TaskState.FILLING && !isRecording(state);
    if ((!fits || !settled || !isIdRight(slot, word)) && odd.size() < ODD_MAX) {
      odd.add(new Odd(slot, word, holder));
    }
  }

  private static boolean isRecording(int state) {
    return state == TaskState.RECORDING.ordinal();
  }

  private void lookAtLease(int slot, long word) {
    int row = StateWord.worker(word);
    if (row >= 0 && row < heldByRow.length) {
      heldByRow[row]++;
    }
    if (held.size() < limit && (type == null || type.equals(types.name(tasks.type(slot))))) {
      held.add(
          new Held(
              Hex.of(tasks.id(slot)),
              slot,
              row,
              workerId(row),
              StateWord.lease(word),
              stateName(word),
              tasks.priority(slot)));
    }
  }

  private String workerId(int row) {
    if (row < 0 || row >= workers.capacity()) {
      return "";
    }
    WorkerTable.Registration said = workers.registration(row);
    return said == null ? "" : said.workerId();
  }

  private void judge(Odd seen, Findings findings) {
    int number = (int) (seen.word() & STATE_MASK);
    if (number >= STATES.length) {
      findings.add("slot_state", "a slot's state is none of ours: " + describe(seen));
      return;
    }
    TaskState state = STATES[number];
    if (state == TaskState.FILLING) {
      findings.add(
          "slot_filling",
          "slots that a PLM is filling or left half filled, which the next one settles: first "
              + describe(seen));
    } else if (state == TaskState.RECORDING) {
      findings.add(
          "slot_recording",
          "slots that a Register is recording or left so, which the next one settles: first "
              + describe(seen));
    }
    if (!isIdRight(seen.slot(), seen.word())) {
      findings.add("slot_id", "a slot's id is not that of its generation: " + describe(seen));
    }
    judgeHolder(seen, state, findings);
  }

  private void judgeHolder(Odd seen, TaskState state, Findings findings) {
    if (state.isLeased()) {
      if (seen.holder() != holderOf(seen.word())) {
        findings.add(
            "leased_without_mapping",
            "leases that the mapping does not have: first " + describe(seen));
      }
    } else if (seen.holder() != 0 && state != TaskState.RECORDING) {
      findings.add(
          "mapping_without_lease",
          "entries of the mapping whose lease is over, which do no harm: first " + describe(seen));
    }
  }

  private boolean isIdRight(int slot, long word) {
    int state = (int) (word & STATE_MASK);
    if (state == TaskState.FREE.ordinal() || state == TaskState.FILLING.ordinal()) {
      return true;
    }
    long id = tasks.id(slot);
    return TaskId.slot(id) == slot && TaskId.generation(id) == StateWord.generation(word);
  }

  /** The mapping's entry that a leased word goes with. */
  private static long holderOf(long word) {
    return Mapping.entry(StateWord.worker(word), StateWord.lease(word));
  }

  private static String stateName(long word) {
    int state = (int) (word & STATE_MASK);
    return state < STATES.length ? STATES[state].name() : "GARBAGE";
  }

  private String describe(Odd seen) {
    return "slot="
        + seen.slot()
        + " id="
        + Hex.of(tasks.id(seen.slot()))
        + " state="
        + stateName(seen.word())
        + " worker="
        + StateWord.worker(seen.word())
        + " lease="
        + StateWord.lease(seen.word())
        + " mapping_worker="
        + ((int) (seen.holder() >>> 32) - 1)
        + " mapping_lease="
        + (int) seen.holder();
  }
}
