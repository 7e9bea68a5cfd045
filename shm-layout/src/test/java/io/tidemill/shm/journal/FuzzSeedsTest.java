package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The inputs that fuzzing has kept: each reaches what no other does, or broke something once. */
class FuzzSeedsTest {
  private static final Path SEEDS = Path.of("src", "test", "resources", "fuzz");

  static List<Path> targets() throws IOException {
    try (Stream<Path> targets = Files.list(SEEDS)) {
      return targets.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void holdsForEverySeed(Path target) throws Exception {
    Class<?> fuzzed = Class.forName(target.getFileName().toString());
    var fuzz = fuzzed.getMethod("fuzzerTestOneInput", byte[].class);
    try (Stream<Path> seeds = Files.list(target)) {
      List<Path> all = seeds.sorted().toList();
      assertThat(all).isNotEmpty();
      for (Path seed : all) {
        assertThat(fuzz.invoke(null, (Object) Files.readAllBytes(seed))).as("%s", seed).isNull();
      }
    }
  }
}
