package io.tidemill.cli.workflow;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.tidemill.client.Priorities;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A file of tasks that wait for each other, by their names in it. */
public final class WorkflowFile {
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "type",
          "payload",
          "priority",
          "tenant",
          "after",
          "rule",
          "max_attempts",
          "execution_timeout_ms",
          "unique_key",
          "unique_until",
          "unique_for_ms",
          "affinity_key");

  private static final String LAST = "then";

  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> indexes = new HashMap<>();
  private final List<TaskSpec> specs = new ArrayList<>();

  /** The file says something that makes no sense; the message names the place. */
  public static final class BadWorkflowException extends Exception {
    private static final long serialVersionUID = 1L;

    BadWorkflowException(String message) {
      super(message);
    }
  }

  private WorkflowFile() {}

  /** Reads it; whether the tasks are acceptable beyond that is the server's to say. */
  public static WorkflowFile read(Path file) throws BadWorkflowException {
    try {
      return parse(Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new BadWorkflowException("cannot read the workflow: file=" + file + " (" + e + ")");
    } catch (BadWorkflowException e) {
      throw new BadWorkflowException(e.getMessage() + " (file=" + file + ")");
    }
  }

  static WorkflowFile parse(String text) throws BadWorkflowException {
    WorkflowFile workflow = new WorkflowFile();
    try {
      JsonObject root = JsonParser.parseString(text).getAsJsonObject();
      for (String field : root.keySet()) {
        if (!field.equals("tasks") && !field.equals(LAST)) {
          throw new BadWorkflowException(
              "a workflow has the fields tasks and then: field=" + field + "; take it out");
        }
      }
      workflow.add(root);
    } catch (JsonParseException
        | ClassCastException
        | IllegalStateException
        | UnsupportedOperationException e) {
      throw new BadWorkflowException(
          "the workflow is not the JSON that it should be: " + e.getMessage());
    } catch (NumberFormatException e) {
      throw new BadWorkflowException("a number in the workflow is none: " + e.getMessage());
    }
    return workflow;
  }

  /** What the tasks are called, in the order of {@link #specs}. */
  public List<String> names() {
    return names;
  }

  /** Naming each other by index. */
  public List<TaskSpec> specs() {
    return specs;
  }

  private void add(JsonObject root) throws BadWorkflowException {
    JsonArray tasks = root.getAsJsonArray("tasks");
    if (tasks == null || tasks.isEmpty()) {
      throw new BadWorkflowException("the workflow has no tasks; list them under tasks");
    }
    for (JsonElement task : tasks) {
      name(text(task.getAsJsonObject(), "name", ""));
    }
    for (JsonElement task : tasks) {
      specs.add(spec(task.getAsJsonObject()).build());
    }
    if (root.has(LAST)) {
      addLast(root.getAsJsonObject(LAST));
    }
    checkForCycle();
  }

  /** The server looks, too, and knows no names. */
  private void checkForCycle() throws BadWorkflowException {
    Set<Integer> inCycles = new LinkedHashSet<>(indexes.values());
    while (inCycles.removeIf(task -> afterOneOf(task, inCycles) == null)) {
      // What waits for nothing that is left is in no cycle.
    }
    if (inCycles.isEmpty()) {
      return;
    }
    List<Integer> path = new ArrayList<>();
    Integer next = inCycles.iterator().next();
    while (!path.contains(next)) {
      path.add(next);
      next = afterOneOf(next, inCycles);
    }
    List<String> cycle = new ArrayList<>();
    path.subList(path.indexOf(next), path.size()).forEach(task -> cycle.add(names.get(task)));
    cycle.add(names.get(next));
    throw new BadWorkflowException(
        "the tasks wait for each other in a cycle: "
            + String.join(" -> ", cycle)
            + " (each waits for the next one); break it");
  }

  /** One of these that a task waits for, or null. */
  private Integer afterOneOf(int task, Set<Integer> those) {
    for (Dependency dependency : specs.get(task).getDependsOnList()) {
      if (dependency.hasIndex() && those.contains(dependency.getIndex())) {
        return dependency.getIndex();
      }
    }
    return null;
  }

  private void name(String name) throws BadWorkflowException {
    if (name.isEmpty()) {
      throw new BadWorkflowException(
          "a task of the workflow has no name: task=" + names.size() + "; give it one");
    }
    if (indexes.putIfAbsent(name, names.size()) != null) {
      throw new BadWorkflowException(
          "two tasks of the workflow have one name: name=" + name + "; rename one");
    }
    names.add(name);
  }

  /** The task that comes when all others have ended, unless it says what it waits for itself. */
  private void addLast(JsonObject task) throws BadWorkflowException {
    int others = names.size();
    name(text(task, "name", LAST));
    TaskSpec.Builder spec = spec(task);
    if (!task.has("after")) {
      for (int i = 0; i < others; i++) {
        spec.addDependsOn(Dependency.newBuilder().setIndex(i));
      }
    }
    if (!task.has("rule")) {
      spec.setDependencyRule(DependencyRule.DEPENDENCY_RULE_ALL_ENDED);
    }
    specs.add(spec.build());
  }

  private TaskSpec.Builder spec(JsonObject task) throws BadWorkflowException {
    String name = text(task, "name", LAST);
    for (String field : task.keySet()) {
      if (!FIELDS.contains(field)) {
        throw new BadWorkflowException(
            "unknown field of a task: task=" + name + " field=" + field + "; one of " + FIELDS);
      }
    }
    TaskSpec.Builder spec =
        TaskSpec.newBuilder()
            .setType(text(task, "type", ""))
            .setPayload(ByteString.copyFromUtf8(text(task, "payload", "")))
            .setPriority(priority(name, task))
            .setTenant(text(task, "tenant", ""))
            .setMaxAttempts(number(task, "max_attempts"))
            .setExecutionTimeoutMs(number(task, "execution_timeout_ms"))
            .setDependencyRule(rule(name, text(task, "rule", "")))
            .setAffinityKey(text(task, "affinity_key", ""))
            .setUniqueKey(text(task, "unique_key", ""))
            .setUniqueUntil(until(name, text(task, "unique_until", "")))
            .setUniqueForMs(task.has("unique_for_ms") ? task.get("unique_for_ms").getAsLong() : 0);
    if (task.has("after")) {
      for (JsonElement before : task.getAsJsonArray("after")) {
        spec.addDependsOn(Dependency.newBuilder().setIndex(index(name, before.getAsString())));
      }
    }
    return spec;
  }

  private int index(String name, String before) throws BadWorkflowException {
    Integer index = indexes.get(before);
    if (index == null) {
      throw new BadWorkflowException(
          "a task waits for one that is not in the workflow: task="
              + name
              + " after="
              + before
              + "; correct the name");
    }
    return index;
  }

  private static DependencyRule rule(String name, String text) throws BadWorkflowException {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "" -> DependencyRule.DEPENDENCY_RULE_UNSPECIFIED;
      case "all_succeeded" -> DependencyRule.DEPENDENCY_RULE_ALL_SUCCEEDED;
      case "all_ended" -> DependencyRule.DEPENDENCY_RULE_ALL_ENDED;
      case "any_succeeded" -> DependencyRule.DEPENDENCY_RULE_ANY_SUCCEEDED;
      default ->
          throw new BadWorkflowException(
              "unknown rule: task="
                  + name
                  + " rule="
                  + text
                  + "; say all_succeeded, all_ended or any_succeeded");
    };
  }

  private static UniqueUntil until(String name, String text) throws BadWorkflowException {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "" -> UniqueUntil.UNIQUE_UNTIL_UNSPECIFIED;
      case "start" -> UniqueUntil.UNIQUE_UNTIL_START;
      case "end" -> UniqueUntil.UNIQUE_UNTIL_END;
      default ->
          throw new BadWorkflowException(
              "unknown end of a unique key: task="
                  + name
                  + " unique_until="
                  + text
                  + "; say start or end");
    };
  }

  private static int priority(String name, JsonObject task) throws BadWorkflowException {
    try {
      return Priorities.parse(text(task, "priority", "normal"));
    } catch (IllegalArgumentException e) {
      throw new BadWorkflowException("task=" + name + ": " + e.getMessage());
    }
  }

  private static String text(JsonObject task, String field, String otherwise) {
    return task.has(field) ? task.get(field).getAsString() : otherwise;
  }

  private static int number(JsonObject task, String field) {
    return task.has(field) ? task.get(field).getAsInt() : 0;
  }
}
