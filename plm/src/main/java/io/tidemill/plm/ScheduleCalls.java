package io.tidemill.plm;

import io.grpc.Status;
import io.tidemill.plm.Definitions.Change;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.StoredScheduleState;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * What clients ask of schedules, on the schedules' thread. Each answers null, or why it is not
 * done; what is done is in the journal before it is in the index, and as durable as the instance
 * promises before it is told.
 */
final class ScheduleCalls {
  private final Schedules schedules;
  private final ScheduleTasks tasks;
  private final ScheduleCheck check;
  private final LongSupplier wall;
  private final SecureRandom random = new SecureRandom();

  ScheduleCalls(Schedules schedules, ScheduleTasks tasks, LongSupplier wall) {
    this.schedules = schedules;
    this.tasks = tasks;
    this.check = new ScheduleCheck(tasks.check());
    this.wall = wall;
  }

  Refused create(CreateScheduleRequest request, Consumer<ScheduleStatus> then) {
    Schedule schedule = request.getSchedule();
    Refused wrong = check.check(schedule);
    if (wrong != null) {
      return wrong;
    }
    ScheduleEntry before = schedules.find(schedule.getName());
    if (before != null && !request.getReplace()) {
      return exists(schedule.getName());
    }
    ScheduleEntry entry = before == null ? fresh(schedule) : replaced(before, schedule);
    Change definition =
        new Change(DefinitionKind.SCHEDULE, entry.name(), entry.stored().toByteArray());
    return change(
        List.of(definition, Schedules.change(entry.name(), entry.state())),
        () -> schedules.put(entry),
        entry,
        then);
  }

  private ScheduleEntry fresh(Schedule schedule) {
    long now = wall.getAsLong();
    StoredSchedule stored =
        StoredSchedule.newBuilder()
            .setSchedule(schedule)
            .setCreatedMs(now)
            .setScheduleId(random.nextLong())
            .build();
    StoredScheduleState state = StoredScheduleState.newBuilder().setSettledMs(now).build();
    return new ScheduleEntry(stored, Schedules.times(stored), state, 0);
  }

  private ScheduleEntry replaced(ScheduleEntry before, Schedule schedule) {
    StoredSchedule stored = before.stored().toBuilder().setSchedule(schedule).build();
    return new ScheduleEntry(
        stored, Schedules.times(stored), throughNow(before.state()), before.lastTaskId());
  }

  /** What lies before now is settled; what is settled stays so, also where the clock went back. */
  private StoredScheduleState throughNow(StoredScheduleState state) {
    return state.toBuilder().setSettledMs(Math.max(state.getSettledMs(), wall.getAsLong())).build();
  }

  Refused get(String name, Consumer<ScheduleStatus> then) {
    ScheduleEntry entry = schedules.find(name);
    if (entry == null) {
      return unknown(name);
    }
    then.accept(entry.view());
    return null;
  }

  /** Up to so many behind a name, by name. */
  List<ScheduleStatus> list(String after, int count) {
    List<ScheduleStatus> some = new ArrayList<>();
    for (ScheduleEntry entry : schedules.after(after)) {
      if (some.size() == count) {
        break;
      }
      some.add(entry.view());
    }
    return some;
  }

  Refused delete(String name, Consumer<ScheduleStatus> then) {
    ScheduleEntry entry = schedules.find(name);
    if (entry == null) {
      return unknown(name);
    }
    List<Change> removals =
        List.of(
            Change.removal(DefinitionKind.SCHEDULE, name),
            Change.removal(DefinitionKind.SCHEDULE_STATE, name));
    return change(removals, () -> schedules.remove(name), entry, then);
  }

  Refused pause(String name, Consumer<ScheduleStatus> then) {
    return moved(name, state -> state.toBuilder().setPaused(true).build(), then);
  }

  Refused resume(String name, Consumer<ScheduleStatus> then) {
    return moved(
        name,
        state -> state.getPaused() ? throughNow(state).toBuilder().setPaused(false).build() : state,
        then);
  }

  private Refused moved(
      String name, UnaryOperator<StoredScheduleState> move, Consumer<ScheduleStatus> then) {
    ScheduleEntry entry = schedules.find(name);
    if (entry == null) {
      return unknown(name);
    }
    StoredScheduleState state = move.apply(entry.state());
    return change(
        List.of(Schedules.change(name, state)),
        () -> {
          schedules.remove(name);
          entry.state(state);
          schedules.put(entry);
        },
        entry,
        then);
  }

  private Refused change(
      List<Change> changes, Runnable hold, ScheduleEntry entry, Consumer<ScheduleStatus> then) {
    Refused refused = tasks.define(changes);
    if (refused == null) {
      hold.run();
      ScheduleStatus view = entry.view();
      tasks.afterDefined(() -> then.accept(view));
    }
    return refused;
  }

  /**
   * Submits its task now.
   *
   * @param then with the batch, when what is promised has been done
   */
  Refused trigger(String name, String requestId, Consumer<Batch> then) {
    ScheduleEntry entry = schedules.find(name);
    return entry == null ? unknown(name) : tasks.trigger(entry.stored(), requestId, then);
  }

  static Refused unknown(String name) {
    return new Refused(
        Status.Code.NOT_FOUND,
        "SCHEDULE_UNKNOWN",
        "no such schedule: name=" + SpecCheck.shown(name) + "; look at `tidemill schedule list`",
        Map.of("field", "name", "value", SpecCheck.shown(name)),
        0);
  }

  private static Refused exists(String name) {
    return new Refused(
        Status.Code.ALREADY_EXISTS,
        "SCHEDULE_EXISTS",
        "there is a schedule of that name: name=" + name + "; delete it, or replace it",
        Map.of("field", "name", "value", name),
        0);
  }
}
