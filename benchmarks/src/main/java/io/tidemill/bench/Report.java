package io.tidemill.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a benchmark has to say: with which settings it measured what, as a table or as JSON. */
final class Report {
  private final String benchmark;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  private record Row(String unit, List<Double> values) {}

  Report(String benchmark) {
    this.benchmark = benchmark;
  }

  Report setting(String name, Object value) {
    settings.put(name, String.valueOf(value));
    return this;
  }

  /** One round's value of a figure. */
  void add(String figure, String unit, double value) {
    rows.computeIfAbsent(figure, name -> new Row(unit, new ArrayList<>())).values().add(value);
  }

  /** A figure over another one, round by round, since a noisy moment slows both. */
  void addRatio(String name, String figure, String over) {
    List<Double> above = rows.get(figure).values();
    List<Double> below = rows.get(over).values();
    for (int i = 0; i < Math.min(above.size(), below.size()); i++) {
      add(name, "", above.get(i) / below.get(i));
    }
  }

  double median(String figure) {
    return Spread.of(rows.get(figure).values()).median();
  }

  /** What a reader has to know beside the figures. */
  void note(String sentence) {
    notes.add(sentence);
  }

  void print(boolean json) {
    System.out.println(json ? json().toString() : text());
  }

  private JsonObject json() {
    JsonObject object = new JsonObject();
    object.addProperty("benchmark", benchmark);
    object.add("machine", Machine.json());
    JsonObject set = new JsonObject();
    settings.forEach(set::addProperty);
    object.add("settings", set);
    JsonArray figures = new JsonArray();
    rows.forEach(
        (name, row) -> {
          JsonObject figure = Spread.of(row.values()).json();
          figure.addProperty("figure", name);
          figure.addProperty("unit", row.unit());
          figures.add(figure);
        });
    object.add("figures", figures);
    JsonArray said = new JsonArray();
    notes.forEach(said::add);
    object.add("notes", said);
    return object;
  }

  private String text() {
    StringBuilder text = new StringBuilder(Machine.line()).append('\n');
    text.append(
        settings.entrySet().stream()
            .map(setting -> setting.getKey() + " " + setting.getValue())
            .collect(Collectors.joining(", ")));
    text.append("; median [lowest-highest]\n");
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(1);
    rows.forEach(
        (name, row) ->
            text.append(name)
                .append(" ".repeat(width - name.length() + 3))
                .append(Spread.of(row.values()))
                .append(row.unit().isEmpty() ? "" : " " + row.unit())
                .append('\n'));
    notes.forEach(note -> text.append(note).append('\n'));
    return text.toString().stripTrailing();
  }
}
