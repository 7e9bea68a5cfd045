package io.tidemill.cli.offline;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.inspect.InstanceReport;
import io.tidemill.shm.inspect.InstanceReport.DefinitionState;
import io.tidemill.shm.inspect.InstanceReport.WithTerms;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.StoredScheduleState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What only the PLM understands of the journals, as far as it can be read. */
final class StoredViews {
  /** A schedule with how far it has come; times in ms, 0: none. */
  record ScheduleView(
      String name,
      String cron,
      String zone,
      String type,
      boolean paused,
      long createdMillis,
      long settledMillis,
      long submitted,
      long skipped) {}

  private StoredViews() {}

  /** By name. What cannot be read is left out: its definition is listed all the same. */
  static List<ScheduleView> schedules(InstanceReport report) {
    Map<String, StoredScheduleState> states = new TreeMap<>();
    List<ScheduleView> views = new ArrayList<>();
    try {
      for (DefinitionState each : report.definitions()) {
        if (each.kind().equals("SCHEDULE_STATE")) {
          states.put(each.name(), StoredScheduleState.parseFrom(each.body()));
        }
      }
      for (DefinitionState each : report.definitions()) {
        if (each.kind().equals("SCHEDULE")) {
          StoredScheduleState none = StoredScheduleState.getDefaultInstance();
          views.add(
              view(StoredSchedule.parseFrom(each.body()), states.getOrDefault(each.name(), none)));
        }
      }
    } catch (InvalidProtocolBufferException e) {
      return views;
    }
    return views;
  }

  private static ScheduleView view(StoredSchedule stored, StoredScheduleState state) {
    String zone = stored.getSchedule().getZone();
    return new ScheduleView(
        stored.getSchedule().getName(),
        stored.getSchedule().getCron(),
        zone.isEmpty() ? "UTC" : zone,
        stored.getSchedule().getTask().getType(),
        state.getPaused(),
        stored.getCreatedMs(),
        state.getSettledMs(),
        state.getSubmitted(),
        state.getSkipped());
  }

  /** The ids of the tasks that one waits for, or waited for. */
  static List<String> dependsOn(WithTerms task) {
    return extra(task).getDependsOnList().stream().map(TaskIds::format).toList();
  }

  /** The schedule that submitted it; empty: none. */
  static String schedule(WithTerms task) {
    return extra(task).getSchedule();
  }

  private static StoredExtra extra(WithTerms task) {
    try {
      return StoredExtra.parseFrom(task.extra());
    } catch (InvalidProtocolBufferException e) {
      return StoredExtra.getDefaultInstance();
    }
  }
}
