package io.tidemill.bench;

import java.io.IOException;
import java.util.Map;

/** What can be given tasks and answers each with a result: Tidemill, or what it is held against. */
public interface Target extends AutoCloseable {
  String name();

  /** Its processes by name, without our own: for what they use. */
  Map<String, Long> processes() throws IOException;

  /**
   * Runs so many echo tasks of 16 bytes.
   *
   * @param outstanding how many are without a result at a time; the next goes out when one comes in
   */
  Run run(int count, int outstanding) throws InterruptedException;

  @Override
  void close();
}
