package io.tidemill.cli.offline;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.tidemill.shm.inspect.Account;
import io.tidemill.shm.inspect.InstanceReport;
import io.tidemill.shm.inspect.RepairReport;
import io.tidemill.shm.region.Role;
import java.util.Locale;

/** Reports as one JSON object each: the records' names in snake case, and times in {@code _ms}. */
public final class OfflineJson {
  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingStrategy(field -> name(field.getName()))
          .registerTypeAdapter(
              Role.class,
              (JsonSerializer<Role>) (role, type, context) -> new JsonPrimitive(role.label()))
          .create();

  private OfflineJson() {}

  /** All of a report. */
  public static JsonObject report(InstanceReport report) {
    JsonObject json = GSON.toJsonTree(report).getAsJsonObject();
    JsonObject counters = new JsonObject();
    report
        .counters()
        .forEach(
            (counter, count) ->
                counters.addProperty(counter.name().toLowerCase(Locale.ROOT), count));
    json.add("counters", counters);
    json.getAsJsonArray("definitions").forEach(each -> each.getAsJsonObject().remove("body"));
    JsonArray terms = json.getAsJsonArray("terms");
    for (int i = 0; i < terms.size(); i++) {
      JsonObject task = terms.get(i).getAsJsonObject();
      task.remove("extra");
      task.add("depends_on", GSON.toJsonTree(StoredViews.dependsOn(report.terms().get(i))));
      task.addProperty("schedule", StoredViews.schedule(report.terms().get(i)));
    }
    json.add("schedules", GSON.toJsonTree(StoredViews.schedules(report)));
    return json;
  }

  /** All of a repair's report. */
  public static JsonObject repair(RepairReport report) {
    return GSON.toJsonTree(report).getAsJsonObject();
  }

  /** An account, with whether it is clean. */
  public static JsonObject account(Account account) {
    JsonObject json = GSON.toJsonTree(account).getAsJsonObject();
    json.addProperty("clean", account.isClean());
    return json;
  }

  private static String name(String field) {
    StringBuilder name = new StringBuilder();
    for (char c : field.replace("Millis", "Ms").toCharArray()) {
      name.append(Character.isUpperCase(c) ? "_" + Character.toLowerCase(c) : c);
    }
    return name.toString();
  }
}
