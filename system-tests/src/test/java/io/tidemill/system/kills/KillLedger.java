package io.tidemill.system.kills;

import io.tidemill.system.kills.Storm.Victim;
import io.tidemill.system.kills.Violation.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What all sittings have done: a line for each judgement, appended and never changed. The figures
 * are sums over its lines.
 */
final class KillLedger {
  static final long STALL_MILLIS = 10_000;

  private final Path file;

  KillLedger(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  void add(Victim victim, long seed, long[] millis, Storm.Verdict verdict) throws IOException {
    List<Violation> violations = verdict.violations();
    long lost = count(violations, Rule.LOST);
    long doubled = count(violations, Rule.DOUBLED);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS));
    fields.put("kind", victim.name().toLowerCase(Locale.ROOT));
    fields.put("seed", seed);
    fields.put("kills", millis.length);
    fields.put("tasks", verdict.tasks());
    fields.put("lost", lost);
    fields.put("doubled", doubled);
    fields.put("other", violations.size() - lost - doubled);
    fields.put("stalls", Arrays.stream(millis).filter(ms -> ms > STALL_MILLIS).count());
    fields.put("back_ms_sum", Arrays.stream(millis).sum());
    fields.put("back_ms_max", Arrays.stream(millis).max().orElse(0));
    StringBuilder line = new StringBuilder();
    fields.forEach((key, value) -> line.append(key).append('=').append(value).append(' '));
    Files.writeString(file, line.toString().strip() + "\n", StandardOpenOption.APPEND);
    System.out.println(line.toString().strip());
  }

  private static long count(List<Violation> violations, Rule rule) {
    return violations.stream().filter(violation -> violation.rule() == rule).count();
  }

  /** Nothing was ever found. */
  boolean isClean() throws IOException {
    return totals().values().stream().allMatch(Totals::isClean);
  }

  /** A line for each kind. */
  String table() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%-11s %6s %9s %5s %8s %6s %7s %13s %12s%n",
            "kind", "kills", "tasks", "lost", "doubled", "other", "stalls", "back ms mean", "max"));
    totals()
        .forEach(
            (kind, of) ->
                text.append(
                    String.format(
                        "%-11s %6d %9d %5d %8d %6d %7d %13d %12d%n",
                        kind,
                        of.sum("kills"),
                        of.sum("tasks"),
                        of.sum("lost"),
                        of.sum("doubled"),
                        of.sum("other"),
                        of.sum("stalls"),
                        of.sum("back_ms_sum") / Math.max(1, of.sum("kills")),
                        of.most("back_ms_max"))));
    return text.append("ledger: ").append(file).append('\n').toString();
  }

  /** How many kills of a kind have been done. */
  long kills(Victim victim) throws IOException {
    Totals of = totals().get(victim.name().toLowerCase(Locale.ROOT));
    return of == null ? 0 : of.sum("kills");
  }

  private Map<String, Totals> totals() throws IOException {
    Map<String, Totals> all = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      Map<String, String> fields = new LinkedHashMap<>();
      for (String field : line.split(" ")) {
        int at = field.indexOf('=');
        fields.put(field.substring(0, at), field.substring(at + 1));
      }
      all.computeIfAbsent(fields.get("kind"), kind -> new Totals()).add(fields);
    }
    return all;
  }

  private static final class Totals {
    private final Map<String, Long> sums = new LinkedHashMap<>();
    private final Map<String, Long> most = new LinkedHashMap<>();

    void add(Map<String, String> fields) {
      fields.forEach(
          (key, value) -> {
            if (value.matches("[0-9]+")) {
              sums.merge(key, Long.parseLong(value), Long::sum);
              most.merge(key, Long.parseLong(value), Math::max);
            }
          });
    }

    long sum(String key) {
      return sums.getOrDefault(key, 0L);
    }

    long most(String key) {
      return most.getOrDefault(key, 0L);
    }

    boolean isClean() {
      return sum("lost") + sum("doubled") + sum("other") == 0;
    }
  }
}
