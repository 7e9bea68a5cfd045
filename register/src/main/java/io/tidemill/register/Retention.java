package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.region.Control;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes finished cycles of the outcome journal once the submissions of all their tasks are gone:
 * their sequences are below the oldest submission that the PLM keeps. By the agent; only the
 * deletion is guarded.
 */
final class Retention implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** Ends a scan at its first record. */
  private static final class Found extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long sequence;

    Found(long sequence) {
      super(null, null, false, false);
      this.sequence = sequence;
    }
  }

  private final Control control;
  private final Journal journal;
  private final Guard guard;
  private final JournalReader reader;
  private final TreeMap<Integer, Long> firstSequences = new TreeMap<>();
  private long oldestSeen;
  private long nextLook;

  Retention(Instance instance, Journal journal, Guard guard) {
    this.control = instance.control();
    this.journal = journal;
    this.guard = guard;
    this.reader = instance.journals().readOutcomes();
  }

  void turn(long now) {
    long oldest = control.submissionsOldest();
    if (now - nextLook < 0 || oldest == oldestSeen) {
      return;
    }
    nextLook = now + PERIOD_NANOS;
    oldestSeen = oldest;
    int keepFrom = Math.min(firstKept(oldest), Position.cycle(control.outcomeRun()));
    if (!firstSequences.headMap(keepFrom).isEmpty()) {
      firstSequences.headMap(keepFrom).clear();
      guard.run(() -> delete(keepFrom));
    }
    reader.trim();
  }

  /** The latest cycle whose first record is not needed any more: nothing before it is. */
  private int firstKept(long oldest) {
    List<Cycle> cycles = reader.cycles();
    int keep = cycles.isEmpty() ? 0 : cycles.get(0).number();
    for (Cycle cycle : cycles) {
      Long first = firstSequences.computeIfAbsent(cycle.number(), this::firstSequence);
      if (first == null || first > oldest) {
        break;
      }
      keep = cycle.number();
    }
    return keep;
  }

  /** The sequence of the first record from a cycle on, which is above all in the cycles before. */
  private Long firstSequence(int cycle) {
    try {
      reader.scan(
          Position.of(cycle, 0),
          record -> {
            throw new Found(record.sequence());
          });
      return null; // There is none yet: asked again.
    } catch (Found found) {
      return found.sequence;
    }
  }

  private void delete(int before) {
    long freed = journal.deleteCyclesBefore(before);
    if (freed > 0) {
      LOG.info("old outcomes deleted: cycles_before={} bytes={}", before, freed);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
