package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/features.md says that holds a promise is there. */
class FeatureTableTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9-]+)`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)[^)]*\\)");
  private static final int COLUMNS = 5;

  @Test
  void namesTestsMutationsAndDocumentsThatThereAre() throws IOException {
    Set<String> known = new HashSet<>(tests());
    known.addAll(mutations());
    List<String> missing = new ArrayList<>();
    for (String row : rows()) {
      find(NAME, row).filter(name -> !known.contains(name)).forEach(missing::add);
      find(LINK, row)
          .filter(link -> !Files.exists(ROOT.resolve("docs").resolve(link)))
          .forEach(missing::add);
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void saysWhereEachIsDescribedAndWhatTestsIt() throws IOException {
    List<String> rows = rows();
    assertThat(rows).hasSizeGreaterThan(20);
    for (String row : rows) {
      String[] cells = row.substring(1).split("\\|", COLUMNS);
      assertThat(cells).as(row).hasSize(COLUMNS);
      assertThat(cells[1]).as(row).containsPattern(LINK);
      assertThat(cells[2]).as(row).contains("Test`");
    }
  }

  private static List<String> rows() throws IOException {
    return Files.readAllLines(ROOT.resolve("docs/features.md")).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| promise"))
        .toList();
  }

  private static Stream<String> find(Pattern pattern, String row) {
    return pattern.matcher(row).results().map(match -> match.group(1));
  }

  private static Set<String> tests() throws IOException {
    Set<String> names = new HashSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path sources : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(sources)) {
          names.addAll(names(sources, Pattern.compile("(.*Test)\\.java")));
        }
      }
    }
    return names;
  }

  private static Set<String> mutations() throws IOException {
    return names(ROOT.resolve("system-tests/mutations"), Pattern.compile("(.*)\\.patch"));
  }

  private static Set<String> names(Path folder, Pattern pattern) throws IOException {
    Set<String> names = new HashSet<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .map(file -> pattern.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .forEach(match -> names.add(match.group(1)));
    }
    return names;
  }
}
