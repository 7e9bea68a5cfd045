package io.tidemill.shm.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Parts of a document that are drawn from the code: each stands between two marks, and what is
 * written by hand around them stays.
 */
public final class GeneratedPart {
  private GeneratedPart() {}

  /** The document with each named part as it should be. */
  public static String replace(String document, Map<String, String> parts) {
    String result = document;
    for (Map.Entry<String, String> part : parts.entrySet()) {
      String begin = "<!-- generated: " + part.getKey() + " -->\n";
      String end = "<!-- end of generated: " + part.getKey() + " -->";
      int from = result.indexOf(begin);
      int to = result.indexOf(end);
      if (from < 0 || to < from) {
        throw new IllegalArgumentException(
            "the document has no place for a generated part: begin="
                + begin.strip()
                + " end="
                + end);
      }
      result =
          result.substring(0, from + begin.length())
              + "\n"
              + part.getValue().strip()
              + "\n\n"
              + result.substring(to);
    }
    return result;
  }

  /**
   * What the generators' main methods do: prints the parts, or brings them up to date in the
   * document named.
   */
  public static void main(String[] arguments, Map<String, String> parts) throws IOException {
    if (arguments.length == 0) {
      parts.values().forEach(System.out::println);
      return;
    }
    Path file = Path.of(arguments[0]);
    String document = Files.readString(file, StandardCharsets.UTF_8);
    Files.writeString(file, replace(document, parts), StandardCharsets.UTF_8);
  }
}
