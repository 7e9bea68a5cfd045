package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command. */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemoTest {
  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void countsTheWordsAsWcDoes() throws Exception {
    Path texts = Files.createDirectory(temp.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), "the quick  brown\tfox\n\njumps the end");
    Files.writeString(
        texts.resolve("b.txt"),
        IntStream.range(0, 60_000).mapToObj(i -> "w" + i % 977).collect(Collectors.joining(" ")));
    try (Tidemill tidemill = Tidemill.start(temp.resolve("demo"))) {
      Command.Result demo = tidemill.run("demo", "wordcount", "--json", texts.toString()).orFail();
      assertThat(demo.json().get("words").getAsLong()).isEqualTo(wc(texts));
    }
  }

  private static long wc(Path folder) throws Exception {
    Process wc =
        new ProcessBuilder("sh", "-c", "wc -w " + folder + "/* | tail -n 1")
            .redirectErrorStream(true)
            .start();
    String said = new String(wc.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return Long.parseLong(said.trim().split(" ")[0]);
  }
}
