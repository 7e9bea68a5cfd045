package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.journal.ScanResult.Flaw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loses the power at random moments of a journal's life, keeping an arbitrary subset of what was
 * not forced. {@code -Dtidemill.power.seed} repeats a run, {@code -Dtidemill.power.losses} makes it
 * longer.
 */
@Tag("exhaustive")
class JournalPowerLossTest {
  private static final long SEED = Long.getLong("tidemill.power.seed", System.nanoTime());
  private static final int LOSSES = Integer.getInteger("tidemill.power.losses", 60);
  private static final int LOSSES_A_MOMENT = 4;
  private static final int OPERATIONS = 12;

  @TempDir Path fallback;
  private Path temp;
  private int folders;
  private int salvaged;
  private long lost;

  @BeforeEach
  void makeFolder() throws IOException {
    temp = LossyDisk.temporary(fallback);
  }

  @AfterEach
  void deleteFolder() throws IOException {
    Folders.delete(temp);
  }

  @Test
  void losesNothingThatWasForcedAndSaysHowMuchElseIsMissing() throws IOException {
    int losses = 0;
    for (long round = 0; losses < LOSSES; round++) {
      losses += live(new Random(SEED + round), SEED + round);
    }
    System.out.printf(
        "power loss, journal: seed=%d losses=%d salvaged=%d lost_unforced=%d lost_forced=0%n",
        SEED, losses, salvaged, lost);
    assertThat(salvaged).as("losses that left holes, seed " + SEED).isPositive();
    assertThat(lost).isPositive();
  }

  /** A journal's life, with losses of power at some of its moments; answers how many. */
  private int live(Random random, long seed) throws IOException {
    Path home = Files.createDirectory(temp.resolve("home" + folders++));
    Path folder = home.resolve("journal/submissions");
    Files.createDirectories(folder);
    int losses = 0;
    try (LossyDisk disk = new LossyDisk(home, Set.of())) {
      Life life = new Life(folder, random);
      for (int i = 0; i < OPERATIONS; i++) {
        life.step();
        if (random.nextInt(3) == 0) {
          disk.observe();
        }
        if (random.nextInt(4) == 0) {
          for (int j = 0; j < LOSSES_A_MOMENT; j++, losses++) {
            long lossSeed = random.nextLong();
            Path target = temp.resolve("loss" + folders++);
            disk.lose(new Random(lossSeed), target);
            check(target.resolve("journal/submissions"), life, "seed=" + seed + " loss=" + losses);
            Folders.delete(target);
          }
        }
      }
      life.close();
    }
    Folders.delete(home);
    return losses;
  }

  private void check(Path folder, Life life, String what) throws IOException {
    if (Files.notExists(folder)) {
      assertThat(life.forced).as(what).isEmpty();
      return;
    }
    OtherBoot.pretend(folder);
    Optional<Flaw> flaw = JournalSalvage.findLoss(folder);
    long known = JournalSalvage.forcedSequence(folder);
    if (flaw.isPresent()) {
      JournalSalvage.replace(
          Samples.small(folder), Position.cycle(flaw.get().position()), "power-loss");
      salvaged++;
    }
    List<Long> found = new ArrayList<>();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      ScanResult result = reader.scan(Position.NONE, Samples.collect(found));
      assertThat(result.damage()).as(what).isEmpty();
    }
    assertThat(found).as(what).isSorted().doesNotHaveDuplicates();
    Set<Long> all = new TreeSet<>(found);
    assertThat(all).as(what).containsAll(life.forced);
    assertThat(life.appended).as(what).containsAll(all);
    for (long number : life.appended) {
      lost += all.contains(number) ? 0 : 1;
      assertThat(number > known || all.contains(number)).as(what + " " + number).isTrue();
    }
    JournalSalvage.trust(folder, found.isEmpty() ? 0 : found.get(found.size() - 1));
    goOn(folder, found, what);
  }

  /** The journal is one to live with: what it holds is there after more was written and forced. */
  private static void goOn(Path folder, List<Long> found, String what) {
    List<Long> expected = new ArrayList<>(found);
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      long next = 1_000_000;
      Samples.append(journal, next, 3);
      journal.force();
      expected.addAll(List.of(next, next + 1, next + 2));
    }
    assertThat(Samples.numbers(folder)).as(what).isEqualTo(expected);
  }

  /** What a writer does, and what it was promised. */
  private static final class Life {
    private final Path folder;
    private final Random random;
    private final Set<Long> appended = new TreeSet<>();
    private final Set<Long> forced = new TreeSet<>();
    private Journal journal;
    private long next = 1;

    Life(Path folder, Random random) {
      this.folder = folder;
      this.random = random;
      open();
    }

    private void open() {
      journal = ChronicleJournal.open(Samples.small(folder));
    }

    void step() {
      int what = random.nextInt(20);
      if (what < 11) {
        append(1 + random.nextInt(random.nextInt(5) == 0 ? 1500 : 60));
      } else if (what < 16) {
        journal.force();
        forced.addAll(appended);
      } else if (what < 18) {
        // A kill: nothing is closed in good order, as far as the files can tell.
        journal.close();
        open();
      } else {
        retire();
      }
    }

    private void append(int count) {
      Samples.append(journal, next, count);
      for (int i = 0; i < count; i++) {
        appended.add(next++);
      }
    }

    /** Deletes the oldest cycle, as retention does once all of it is forced and done with. */
    private void retire() {
      List<Cycle> cycles = journal.cycles();
      if (cycles.size() < 2) {
        return;
      }
      int second = cycles.get(1).number();
      journal.force();
      forced.addAll(appended);
      journal.deleteCyclesBefore(second);
      Set<Long> left = new TreeSet<>();
      try (JournalReader reader = new MappedJournalReader(folder)) {
        reader.scan(Position.NONE, view -> left.add(view.sequence()));
      }
      appended.retainAll(left);
      forced.retainAll(left);
    }

    void close() {
      journal.close();
    }
  }
}
