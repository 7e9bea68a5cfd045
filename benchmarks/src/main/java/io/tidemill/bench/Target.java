package io.tidemill.bench;

/** What can be given tasks and answers each with a result: Tidemill, or what it is held against. */
public interface Target extends AutoCloseable {
  String name();

  /**
   * Runs so many echo tasks of 16 bytes.
   *
   * @param outstanding how many are without a result at a time; the next goes out when one comes in
   */
  Run run(int count, int outstanding) throws InterruptedException;

  @Override
  void close();
}
