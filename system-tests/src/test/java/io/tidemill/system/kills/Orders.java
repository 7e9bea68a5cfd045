package io.tidemill.system.kills;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** How a child of the harness hears from it and answers: a word a line. Its end ends the child. */
final class Orders {
  static final String READY = "@ready";
  static final String QUIET = "@quiet";
  static final String GO = "@go";

  /** Answered once a result has been sent that has no verdict. */
  static final String REPORTED = "@reported";

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  /** The next order; the process ends with its parent. */
  String await() {
    try {
      String line = in.readLine();
      if (line == null) {
        Runtime.getRuntime().halt(0);
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void answer(String word) {
    System.out.println(word);
    System.out.flush();
  }
}
