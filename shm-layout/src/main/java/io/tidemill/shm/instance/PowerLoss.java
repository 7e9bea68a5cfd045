package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.MissingSequences.Gap;
import io.tidemill.shm.journal.JournalSalvage;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.ScanResult.Flaw;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does about journals that were written before the host was booted: the kernel writes
 * pages back in no order, so what had not been forced when the power failed may have holes, with
 * valid records behind them. Those are kept. What was forced must be whole; if it is not, the start
 * is refused later on.
 */
final class PowerLoss {
  private static final Logger LOG = LoggerFactory.getLogger(PowerLoss.class);
  private static final String ASIDE = "power-loss";

  private final DataDir dir;
  private final Settings settings;
  private final List<String> repaired = new ArrayList<>();
  private boolean booted;
  private MissingSequences sequences = new MissingSequences(Long.MAX_VALUE);

  PowerLoss(DataDir dir, Settings settings) {
    this.dir = dir;
    this.settings = settings;
  }

  /** Goes on with what a crash left; nothing else runs then. */
  void finish() throws IOException {
    JournalSalvage.finish(dir.submissions(), ASIDE);
    JournalSalvage.finish(dir.outcomes(), ASIDE);
  }

  /**
   * Puts sound journals in the place of those with holes. A crash in here is gone on with by the
   * next start, since nothing says yet that the mapped files are good.
   */
  void settle() throws IOException {
    long known = Long.MAX_VALUE;
    for (Path folder : List.of(dir.submissions(), dir.outcomes())) {
      booted |= JournalSalvage.isOfAnotherBoot(folder);
      known = Math.min(known, JournalSalvage.forcedSequence(folder));
    }
    if (booted) {
      sequences = new MissingSequences(known);
      settle(dir.submissions());
      settle(dir.outcomes());
    }
  }

  private void settle(Path folder) throws IOException {
    Optional<Flaw> flaw =
        JournalSalvage.isOfAnotherBoot(folder) ? JournalSalvage.findLoss(folder) : Optional.empty();
    if (flaw.isEmpty()) {
      return;
    }
    long forced = JournalSalvage.forcedThrough(folder);
    JournalSalvage.Result result =
        JournalSalvage.replace(
            Journals.settings(folder, settings, 0), Position.cycle(flaw.get().position()), ASIDE);
    repaired.add(
        "journal="
            + folder.getFileName()
            + " forced_through="
            + Position.format(forced)
            + " first_hole=\""
            + flaw.get()
            + "\" salvaged_records="
            + result.copied()
            + " originals="
            + result.aside());
    LOG.warn(
        "a loss of power left holes in a journal, and what is valid was copied: {}",
        repaired.get(repaired.size() - 1));
  }

  /** Told of every record that the journals have now. */
  void found(long sequence) {
    sequences.found(sequence);
  }

  /** Everything was read and is good: what was read came from the disk. */
  void trust(long lastSequence) throws IOException {
    if (booted) {
      JournalSalvage.trust(dir.submissions(), lastSequence);
      JournalSalvage.trust(dir.outcomes(), lastSequence);
    }
  }

  /** What is missing, in a sentence; empty: the host was not booted, or nothing is. */
  Optional<String> account() {
    Gap gap = sequences.gap();
    if (!booted || (gap.missing() == 0 && repaired.isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        "a loss of power took records that had not been forced: missing_at_most="
            + gap.missing()
            + " sequences="
            + gap.first()
            + ".."
            + gap.last()
            + " last_found="
            + gap.highest()
            + "; what was promised with disk durability is all there; of the rest, what was accepted or"
            + " recorded in the last "
            + settings.number(Key.JOURNAL_FORCE_INTERVAL_MS)
            + " ms before may be gone, behind last_found without a trace");
  }
}
