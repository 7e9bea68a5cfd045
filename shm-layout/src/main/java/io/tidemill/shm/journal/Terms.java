package io.tidemill.shm.journal;

import java.nio.ByteBuffer;

/**
 * What some tasks ask for beside what every task has, as their submission records hold it.
 *
 * @param workerDeathsMax leases that may be lost while it runs, at most 255; 0: the server's
 * @param pending how many tasks it waits for, at most 65,535; 0: none (any more)
 * @param extra what only the PLM understands; read only, its position is not moved
 */
public record Terms(
    Times times, Backoff backoff, int workerDeathsMax, Texts texts, int pending, ByteBuffer extra) {
  public static final Terms NONE =
      new Terms(Times.NONE, Backoff.NONE, 0, Texts.NONE, 0, ByteBuffer.allocate(0));

  /**
   * In ms; 0: none. All but {@code runAt} are of the instance's clock.
   *
   * @param due not before
   * @param runAt not before, by the wall clock
   * @param startBy deadline of the start
   * @param endBy deadline of the end
   */
  public record Times(long due, long runAt, long startBy, long endBy) {
    public static final Times NONE = new Times(0, 0, 0, 0);
  }

  /**
   * How long the task waits between two attempts.
   *
   * @param initialMillis after the first; 0: not at all
   * @param maxMillis the longest; 0: any
   * @param hundredths by how much each is longer than the one before, times 100
   * @param jitterPercent how much of it may be left away, at random
   */
  public record Backoff(int initialMillis, int maxMillis, int hundredths, int jitterPercent) {
    public static final Backoff NONE = new Backoff(0, 0, 0, 0);
  }

  /**
   * Empty: none.
   *
   * @param lane the canonical text of its class of work, where that is more than its type
   * @param key without blanks
   * @param affinity the key by which its worker is chosen
   */
  public record Texts(String lane, String key, String tenant, String affinity) {
    public static final Texts NONE = new Texts("", "", "");

    public Texts(String lane, String key, String tenant) {
      this(lane, key, tenant, "");
    }
  }

  public Terms with(Times others) {
    return new Terms(others, backoff, workerDeathsMax, texts, pending, extra);
  }

  public Terms with(Backoff other) {
    return new Terms(times, other, workerDeathsMax, texts, pending, extra);
  }

  public Terms withWorkerDeathsMax(int max) {
    return new Terms(times, backoff, max, texts, pending, extra);
  }

  public Terms with(Texts others) {
    return new Terms(times, backoff, workerDeathsMax, others, pending, extra);
  }

  public Terms withExtra(ByteBuffer other) {
    return new Terms(times, backoff, workerDeathsMax, texts, pending, other);
  }

  public Terms withPending(int others) {
    return new Terms(times, backoff, workerDeathsMax, texts, others, extra);
  }
}
