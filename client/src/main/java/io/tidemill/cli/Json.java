package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.client.TaskStates;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.QueueShare;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.StealCounts;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Messages as the JSON that the command line prints. Names are stable; new ones may come. */
final class Json {
  private static final String WORKER_PREFIX = "WORKER_STATE_";

  private Json() {}

  static JsonObject task(Task task) {
    JsonObject json = new JsonObject();
    json.addProperty("id", TaskIds.format(task.getTaskId()));
    json.addProperty("type", task.getType());
    json.addProperty("priority", task.getPriority());
    if (task.hasAgedPriority()) {
      json.addProperty("aged_priority", task.getAgedPriority());
    }
    json.addProperty("state", TaskStates.name(task.getState()));
    json.addProperty("attempt", task.getAttempt());
    json.addProperty("worker", task.getWorkerId());
    addResult(json, task.getResult());
    json.addProperty("error", task.getError());
    json.addProperty("submitted_ms", task.getSubmittedMs());
    json.addProperty("assigned_ms", task.getAssignedMs());
    json.addProperty("started_ms", task.getStartedMs());
    json.addProperty("ended_ms", task.getEndedMs());
    json.addProperty("lease", TaskIds.format(task.getLease()));
    json.addProperty("note", task.getNote());
    json.addProperty("progress", task.getProgress());
    json.addProperty("progress_message", task.getProgressMessage());
    json.addProperty("payload_bytes", task.getPayloadBytes());
    json.addProperty("returns", task.getReturns());
    json.addProperty("queue", task.getQueue());
    json.addProperty("key", task.getKey());
    UniqueOptions.addTo(json, task);
    json.addProperty("affinity_key", task.getAffinityKey());
    json.addProperty("tenant", task.getTenant());
    json.add("labels", labels(task.getLabelsMap()));
    json.add("amounts", amounts(task.getAmountsMap()));
    json.addProperty("requeued_from", idOrNone(task.getRequeuedFrom()));
    json.addProperty("requeued_as", idOrNone(task.getRequeuedAs()));
    json.addProperty("due_ms", task.getDueMs());
    json.addProperty("start_by_ms", task.getStartByMs());
    json.addProperty("deadline_ms", task.getDeadlineMs());
    if (task.hasRetry()) {
      json.add("retry", retry(task.getRetry()));
    }
    return json;
  }

  private static String idOrNone(long id) {
    return id == 0 ? "" : TaskIds.format(id);
  }

  private static JsonObject retry(RetryPolicy policy) {
    JsonObject json = new JsonObject();
    json.addProperty("initial_ms", policy.getInitialMs());
    json.addProperty("multiplier", policy.getMultiplier());
    json.addProperty("max_ms", policy.getMaxMs());
    json.addProperty("jitter", policy.getJitter());
    return json;
  }

  /**
   * As text where it is text; otherwise {@code result} is null and {@code result_base64} has it.
   */
  private static void addResult(JsonObject json, ByteString result) {
    if (result.isValidUtf8()) {
      json.addProperty("result", result.toStringUtf8());
    } else {
      json.add("result", JsonNull.INSTANCE);
      json.addProperty("result_base64", Base64.getEncoder().encodeToString(result.toByteArray()));
    }
  }

  static String workerState(WorkerState state) {
    return state == WorkerState.UNRECOGNIZED
        ? "UNKNOWN"
        : state.name().substring(WORKER_PREFIX.length());
  }

  static JsonObject worker(WorkerInfo worker) {
    JsonObject json = new JsonObject();
    json.addProperty("id", worker.getWorkerId());
    json.addProperty("state", workerState(worker.getState()));
    json.addProperty("capacity", worker.getCapacity());
    json.addProperty("in_flight", worker.getInFlight());
    json.addProperty("succeeded", worker.getSucceeded());
    json.addProperty("failed", worker.getFailed());
    json.addProperty("last_beat_ms", worker.getLastBeatMs());
    JsonArray types = new JsonArray();
    worker.getTaskTypesList().forEach(types::add);
    json.add("task_types", types);
    json.addProperty("host", worker.getHost());
    json.addProperty("pid", worker.getPid());
    json.addProperty("registered_ms", worker.getRegisteredMs());
    json.addProperty("rate", worker.getRate());
    json.addProperty("service_us", worker.getServiceUs());
    json.addProperty("running", worker.getRunning());
    json.addProperty("queued", worker.getQueued());
    json.addProperty("cpu", worker.getCpu());
    json.addProperty("incarnation", worker.getIncarnation());
    JsonArray queues = new JsonArray();
    worker.getQueuesList().forEach(share -> queues.add(queue(share)));
    json.add("queues", queues);
    json.addProperty("queue_order", queueOrder(worker.getQueueOrder()));
    json.add("labels", labels(worker.getLabelsMap()));
    json.add("amounts", amounts(worker.getAmountsMap()));
    return json;
  }

  private static JsonObject queue(QueueShare share) {
    JsonObject json = new JsonObject();
    json.addProperty("queue", share.getQueue());
    json.addProperty("weight", share.getWeight());
    return json;
  }

  private static String queueOrder(QueueOrder order) {
    return order == QueueOrder.UNRECOGNIZED
        ? "UNKNOWN"
        : order.name().substring("QUEUE_ORDER_".length());
  }

  private static JsonObject labels(Map<String, String> labels) {
    JsonObject json = new JsonObject();
    new TreeMap<>(labels).forEach(json::addProperty);
    return json;
  }

  private static JsonObject amounts(Map<String, Long> amounts) {
    JsonObject json = new JsonObject();
    new TreeMap<>(amounts).forEach(json::addProperty);
    return json;
  }

  static JsonObject stats(GetStatsResponse stats) {
    JsonObject json = new JsonObject();
    json.add("states", states(stats));
    json.add("priorities", priorities(stats));
    json.addProperty("accepted", stats.getAccepted());
    json.addProperty("recorded", stats.getRecorded());
    json.addProperty("recorded_twice", stats.getRecordedTwice());
    json.addProperty("inversions", stats.getInversions());
    json.addProperty("returned", stats.getReturned());
    json.addProperty("refused", stats.getRefused());
    json.addProperty("capacity", stats.getCapacity());
    json.add("steals", steals(stats.getSteals()));
    json.addProperty("priority_changes", stats.getPriorityChanges());
    json.addProperty("affinity_hits", stats.getAffinity().getHits());
    json.addProperty("affinity_fallbacks", stats.getAffinity().getFallbacks());
    json.addProperty("retired_slots", stats.getRetiredSlots());
    json.addProperty("tasks_per_s", stats.getTasksPerS());
    json.addProperty("p50_us", stats.getP50Us());
    json.addProperty("p95_us", stats.getP95Us());
    json.addProperty("p99_us", stats.getP99Us());
    json.addProperty("max_us", stats.getMaxUs());
    json.addProperty("workers_alive", stats.getWorkersAlive());
    json.addProperty("workers_late", stats.getWorkersLate());
    json.addProperty("workers_draining", stats.getWorkersDraining());
    json.addProperty("workers_dead", stats.getWorkersDead());
    json.addProperty("placement_policy", stats.getPlacementPolicy());
    JsonArray processes = new JsonArray();
    stats.getProcessesList().forEach(process -> processes.add(process(process)));
    json.add("processes", processes);
    return json;
  }

  private static JsonObject steals(StealCounts counts) {
    JsonObject json = new JsonObject();
    json.addProperty("attempts", counts.getAttempts());
    json.addProperty("tasks", counts.getTasks());
    json.addProperty("refused_started", counts.getRefusedStarted());
    json.addProperty("refused_times", counts.getRefusedTimes());
    json.addProperty("refused_busy", counts.getRefusedBusy());
    json.addProperty("refused_far", counts.getRefusedFar());
    json.addProperty("recalled", counts.getRecalled());
    return json;
  }

  /** Every state, those without tasks as 0, so that a program need not ask whether one is there. */
  private static JsonObject states(GetStatsResponse stats) {
    JsonObject json = new JsonObject();
    for (TaskState state : TaskState.values()) {
      if (state != TaskState.UNRECOGNIZED && state != TaskState.TASK_STATE_UNSPECIFIED) {
        json.addProperty(TaskStates.name(state), 0);
      }
    }
    stats
        .getStatesList()
        .forEach(s -> json.addProperty(TaskStates.name(s.getState()), s.getCount()));
    return json;
  }

  private static JsonArray priorities(GetStatsResponse stats) {
    JsonArray array = new JsonArray();
    for (GetStatsResponse.PriorityCount priority : stats.getPrioritiesList()) {
      JsonObject json = new JsonObject();
      json.addProperty("priority", priority.getPriority());
      json.addProperty("count", priority.getCount());
      array.add(json);
    }
    return array;
  }

  private static JsonObject process(ProcessInfo process) {
    JsonObject json = new JsonObject();
    json.addProperty("role", process.getRole());
    json.addProperty("pid", process.getPid());
    json.addProperty("incarnation", process.getIncarnation());
    json.addProperty("state", process.getState());
    json.addProperty("restarts", process.getRestarts());
    json.addProperty("started_ms", process.getStartedMs());
    return json;
  }
}
