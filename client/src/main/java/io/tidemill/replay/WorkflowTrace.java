package io.tidemill.replay;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.tidemill.replay.TraceNumbers.BadNumber;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * A run of a workflow in WfFormat, from 1.4 (tasks with their times) to 1.5 (times apart): what
 * there was to do, what had to be done before, how long each took. All of it came at once.
 */
final class WorkflowTrace {
  private static final int BYTES_MAX = 256 << 20;

  private final String file;
  private final BadLines bad;
  private final Map<String, JsonObject> executions = new HashMap<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final List<Job> jobs = new ArrayList<>();
  private final List<JsonObject> tasks = new ArrayList<>();

  WorkflowTrace(String file, BadLines bad) {
    this.file = file;
    this.bad = bad;
  }

  List<Job> read(InputStream in) throws IOException {
    JsonObject workflow = object(parse(in), "workflow");
    if (workflow == null) {
      throw new TraceException(file + ": not a WfFormat file: field=workflow is missing");
    }
    JsonObject specification = object(workflow, "specification");
    JsonObject execution = object(workflow, "execution");
    if (execution != null) {
      for (JsonElement task : array(execution, "tasks")) {
        executions.put(text(task, "id"), task.isJsonObject() ? task.getAsJsonObject() : null);
      }
    }
    JsonArray all = array(specification == null ? workflow : specification, "tasks");
    for (int i = 0; i < all.size(); i++) {
      take(all.get(i), i);
    }
    return Dependencies.inOrder(file, withParents());
  }

  private JsonObject parse(InputStream in) throws IOException {
    try {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw new TraceException(file + ": too long: at most " + BYTES_MAX + " bytes");
      }
      return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new TraceException(file + ": not a JSON object: " + e.getMessage());
    } catch (EOFException | ZipException e) {
      throw new TraceException(file + ": the file is cut off or damaged: " + e.getMessage());
    }
  }

  private void take(JsonElement element, int index) {
    String id = text(element, "id");
    id = id.isEmpty() ? text(element, "name") : id;
    if (id.isEmpty() || places.containsKey(id)) {
      unfit(index, "id", id, id.isEmpty() ? "a task without an id" : "a second task of this id");
      return;
    }
    JsonObject task = element.getAsJsonObject();
    JsonObject measured = executions.getOrDefault(id, task);
    String seconds = text(measured, "runtimeInSeconds");
    seconds = seconds.isEmpty() ? text(measured, "runtime") : seconds;
    try {
      long run = TraceNumbers.micros(seconds);
      if (run < 0) {
        throw new BadNumber("the time is below 0");
      }
      String priority = text(measured, "priority");
      List<Long> fields = List.of(priority.isEmpty() ? -1 : TraceNumbers.whole(priority));
      places.put(id, jobs.size());
      jobs.add(new Job(id, 0, run, 1, fields, List.of()));
      tasks.add(task);
    } catch (BadNumber e) {
      unfit(index, "runtimeInSeconds", seconds, e.getMessage());
    }
  }

  /** Both ends may tell of a dependency; who is told of and is not there was left out before. */
  private List<Job> withParents() {
    List<List<Integer>> parents = new ArrayList<>();
    jobs.forEach(job -> parents.add(new ArrayList<>()));
    for (int i = 0; i < jobs.size(); i++) {
      for (JsonElement parent : array(tasks.get(i), "parents")) {
        link(place(i, "parents", parent), i, parents);
      }
      for (JsonElement child : array(tasks.get(i), "children")) {
        link(i, place(i, "children", child), parents);
      }
    }
    List<Job> linked = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      linked.add(jobs.get(i).after(List.copyOf(parents.get(i))));
    }
    return linked;
  }

  private int place(int of, String field, JsonElement named) {
    String id = named.isJsonPrimitive() ? named.getAsString() : String.valueOf(named);
    Integer place = places.get(id);
    if (place == null) {
      unfit(of, field, id, "there is no such task: task " + jobs.get(of).name() + " names it");
      return -1;
    }
    return place;
  }

  private static void link(int parent, int child, List<List<Integer>> parents) {
    if (parent >= 0 && child >= 0 && !parents.get(child).contains(parent)) {
      parents.get(child).add(parent);
    }
  }

  private void unfit(int index, String field, String value, String why) {
    bad.add(new BadLine(file, "task " + (index + 1), field, value, why));
  }

  private static JsonObject object(JsonObject in, String name) {
    JsonElement element = in.get(name);
    return element != null && element.isJsonObject() ? element.getAsJsonObject() : null;
  }

  private static JsonArray array(JsonObject in, String name) {
    JsonElement element = in.get(name);
    return element != null && element.isJsonArray() ? element.getAsJsonArray() : new JsonArray();
  }

  private static String text(JsonElement in, String name) {
    if (in == null || !in.isJsonObject()) {
      return "";
    }
    JsonElement element = in.getAsJsonObject().get(name);
    return element != null && element.isJsonPrimitive() ? element.getAsString() : "";
  }
}
