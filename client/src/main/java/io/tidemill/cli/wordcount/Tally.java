package io.tidemill.cli.wordcount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up the results of word count tasks. Safe for use by many threads. */
public final class Tally {
  private static final String TOTAL = "total\t";

  private final Map<Path, Long> perFile = new LinkedHashMap<>();
  private final Map<String, Long> perWord = new HashMap<>();
  private final Map<String, Long> chunksPerWorker = new TreeMap<>();
  private long total;

  /** One name with its count. */
  public record Count(String name, long count) {}

  /** A file that will be counted; one without a word has no result of its own. */
  public synchronized void file(Path file) {
    perFile.putIfAbsent(file, 0L);
  }

  /**
   * Adds the result of one chunk: a line {@code total<TAB>n}, then a line {@code word<TAB>n} for
   * each word.
   *
   * @throws IllegalArgumentException if the result does not look so
   */
  public synchronized void add(Path file, String worker, String result) {
    String[] lines = result.split("\n", -1);
    if (!lines[0].startsWith(TOTAL)) {
      throw new IllegalArgumentException("no word count: first line='" + lines[0] + "'");
    }
    long words = Long.parseLong(lines[0].substring(TOTAL.length()).strip());
    for (int i = 1; i < lines.length; i++) {
      addWord(lines[i]);
    }
    total += words;
    perFile.merge(file, words, Long::sum);
    chunksPerWorker.merge(worker, 1L, Long::sum);
  }

  private void addWord(String line) {
    int tab = line.lastIndexOf('\t');
    if (tab > 0) {
      perWord.merge(
          line.substring(0, tab), Long.parseLong(line.substring(tab + 1).strip()), Long::sum);
    }
  }

  public synchronized long total() {
    return total;
  }

  public synchronized List<Count> files() {
    List<Count> counts = new ArrayList<>();
    perFile.forEach((file, count) -> counts.add(new Count(file.toString(), count)));
    return counts;
  }

  public synchronized List<Count> workers() {
    List<Count> counts = new ArrayList<>();
    chunksPerWorker.forEach((worker, count) -> counts.add(new Count(worker, count)));
    return counts;
  }

  /** The most frequent words, equal ones by the alphabet. */
  public synchronized List<Count> words(int max) {
    return perWord.entrySet().stream()
        .map(entry -> new Count(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::name))
        .limit(max)
        .toList();
  }
}
