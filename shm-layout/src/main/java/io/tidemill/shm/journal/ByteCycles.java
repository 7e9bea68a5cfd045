package io.tidemill.shm.journal;

import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.RollCycleArithmetic;

/**
 * Makes Chronicle begin a new file when we say so: a clock that shows a minute a cycle, and stands
 * still in between. Chronicle's own index is not used; it is kept as sparse as it can be.
 */
final class ByteCycles implements RollCycle, TimeProvider {
  private static final int INDEX_COUNT = 1 << 10;
  private static final int INDEX_SPACING = 1 << 12;

  private final RollCycleArithmetic arithmetic = RollCycleArithmetic.of(INDEX_COUNT, INDEX_SPACING);
  private volatile int cycle;

  ByteCycles(int firstCycle) {
    cycle = firstCycle;
  }

  int cycle() {
    return cycle;
  }

  void advanceTo(int next) {
    cycle = next;
  }

  @Override
  public long currentTimeMillis() {
    return (long) cycle * CycleNames.MILLIS_PER_CYCLE;
  }

  @Override
  public String format() {
    return CycleNames.FORMAT;
  }

  @Override
  public int lengthInMillis() {
    return CycleNames.MILLIS_PER_CYCLE;
  }

  @Override
  public int defaultIndexCount() {
    return INDEX_COUNT;
  }

  @Override
  public int defaultIndexSpacing() {
    return INDEX_SPACING;
  }

  @Override
  public long toIndex(int cycleNumber, long sequenceNumber) {
    return arithmetic.toIndex(cycleNumber, sequenceNumber);
  }

  @Override
  public long toSequenceNumber(long index) {
    return arithmetic.toSequenceNumber(index);
  }

  @Override
  public int toCycle(long index) {
    return arithmetic.toCycle(index);
  }

  @Override
  public long maxMessagesPerCycle() {
    return arithmetic.maxMessagesPerCycle();
  }
}
