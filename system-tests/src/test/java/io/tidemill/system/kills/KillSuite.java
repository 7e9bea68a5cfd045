package io.tidemill.system.kills;

import io.tidemill.system.kills.Storm.Verdict;
import io.tidemill.system.kills.Storm.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The long form of the storm, in as many sittings as it takes. */
final class KillSuite {
  /** An instance serves for so many strikes, so that its journals stay short. */
  private static final int STRIKES_OF_AN_INSTANCE = 50;

  private static final int STRIKES_OF_A_JUDGEMENT = 25;

  private final KillLedger ledger;
  private final Path work;
  private final int rate;

  /** The instance that a suite which is cut short leaves to nobody else. */
  private volatile Storm running;

  private KillSuite(KillLedger ledger, Path work, int rate) {
    this.ledger = ledger;
    this.work = work;
    this.rate = rate;
  }

  /** LEDGER WORK SEED RATE KIND=KILLS...: until the ledger has so many of each kind. */
  public static void main(String[] arguments) throws Exception {
    KillLedger ledger = new KillLedger(Path.of(arguments[0]));
    KillSuite suite = new KillSuite(ledger, Path.of(arguments[1]), Integer.parseInt(arguments[3]));
    Map<Victim, Integer> wanted = new LinkedHashMap<>();
    for (String word : Arrays.asList(arguments).subList(4, arguments.length)) {
      int at = word.indexOf('=');
      Victim victim = Victim.valueOf(word.substring(0, at).toUpperCase(Locale.ROOT));
      wanted.put(victim, Integer.parseInt(word.substring(at + 1)));
    }
    Runtime.getRuntime().addShutdownHook(new Thread(suite::abandon, "abandon"));
    boolean clean = suite.run(wanted, Long.parseLong(arguments[2]));
    System.out.print(ledger.table());
    System.exit(clean && ledger.isClean() ? 0 : 1);
  }

  /**
   * Kind after kind, an instance each, and round again: a sitting that is cut short has of each.
   */
  private boolean run(Map<Victim, Integer> wanted, long seed) throws Exception {
    long next = seed;
    boolean clean = true;
    while (clean && !wanted.isEmpty()) {
      for (Victim victim : List.copyOf(wanted.keySet())) {
        long left = wanted.get(victim) - ledger.kills(victim);
        if (left <= 0) {
          wanted.remove(victim);
        } else {
          int kills = (int) Math.min(STRIKES_OF_AN_INSTANCE, left);
          clean = clean && runInstance(victim, kills, next++);
        }
      }
    }
    return clean;
  }

  private boolean runInstance(Victim victim, int kills, long seed) throws Exception {
    Path folder = Files.createTempDirectory(work, "kills-");
    boolean clean = true;
    try (Storm storm = new Storm(folder, seed, rate)) {
      running = storm;
      for (int done = 0; clean && done < kills; done += STRIKES_OF_A_JUDGEMENT) {
        clean = runJudged(storm, victim, Math.min(STRIKES_OF_A_JUDGEMENT, kills - done), seed);
      }
    }
    running = null;
    if (clean) {
      delete(folder);
    } else {
      System.out.println("kept for whoever looks into it: " + folder);
    }
    return clean;
  }

  /** Its clients and workers end with their parent. */
  private void abandon() {
    Storm storm = running;
    if (storm != null) {
      storm.instance().stop();
    }
  }

  private boolean runJudged(Storm storm, Victim victim, int kills, long seed) throws Exception {
    long[] millis = new long[kills];
    for (int i = 0; i < kills; i++) {
      millis[i] = storm.strike(victim);
    }
    Verdict verdict = storm.judge();
    List<Violation> violations = verdict.violations();
    ledger.add(victim, seed, millis, verdict);
    violations.stream().limit(20).forEach(System.out::println);
    return violations.isEmpty();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
