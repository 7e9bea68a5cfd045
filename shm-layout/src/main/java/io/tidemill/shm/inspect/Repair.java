package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.inspect.RepairReport.JournalPart;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Epoch;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.MissingSequences;
import io.tidemill.shm.instance.MissingSequences.Gap;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSalvage;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes an instance fit for a start that refuses because its journals or its epoch are damaged: the
 * records that can be read go into new journals, the damaged files aside. What is lost by that is
 * told before.
 *
 * <p>A crash in it leaves an instance that refuses to start as before, or one that the next start
 * or repair finishes.
 */
public final class Repair {
  private static final String ASIDE = "damaged";
  private static final int NAMED_MAX = 100;

  private final DataDir dir;
  private final Settings settings;
  private final List<String> notes = new ArrayList<>();
  private final List<String> lostTaskIds = new ArrayList<>();
  private final List<String> lostOutcomeIds = new ArrayList<>();
  private JournalCheckUp submissions;
  private JournalCheckUp outcomes;
  private long lostTasks;
  private long lostOutcomes;

  private Repair(DataDir dir, Settings settings) {
    this.dir = dir;
    this.settings = settings;
  }

  /**
   * Looks, and repairs if asked to.
   *
   * @param commit false: says what would be lost, and does nothing
   * @throws InstanceException with a sentence for the user: a process of it runs, or it cannot be
   *     done
   */
  public static RepairReport run(Path data, Settings settings, boolean commit) throws IOException {
    DataDir dir = new DataDir(data, settings.text(Key.SHM_DIR));
    if (!Files.isDirectory(dir.journals())) {
      throw new InstanceException(
          "no instance here: missing="
              + dir.journals()
              + "; name the data folder of one that has run");
    }
    dir.prepare();
    List<RoleLock> locks = new ArrayList<>();
    try {
      for (Role role : Role.values()) {
        locks.add(RoleLock.tryAcquire(dir.lock(role)).orElseThrow(() -> isRunning(dir, role)));
      }
      try (RoleLock open = RoleLock.acquire(dir.openLock())) {
        return new Repair(dir, settings).run(commit);
      }
    } finally {
      for (RoleLock lock : locks) {
        lock.close();
      }
    }
  }

  private static InstanceException isRunning(DataDir dir, Role role) {
    return new InstanceException(
        "a process of the instance runs: role="
            + role.label()
            + " pid="
            + RoleLock.holder(dir.lock(role))
            + " data="
            + dir.root()
            + "; stop it first: scripts/stop-all.sh --data "
            + dir.root());
  }

  private RepairReport run(boolean commit) throws IOException {
    if (commit) {
      JournalSalvage.finish(dir.submissions(), ASIDE);
      JournalSalvage.finish(dir.outcomes(), ASIDE);
    }
    RepairReport report = lookAt();
    return commit && !report.sound() ? repair(report) : report;
  }

  private RepairReport lookAt() throws IOException {
    Set<Long> live = new HashSet<>();
    submissions = new JournalCheckUp(dir.submissions());
    outcomes = new JournalCheckUp(dir.outcomes());
    submissions.read(live);
    outcomes.read(live);
    List<JournalPart> parts = List.of(submissions.part(), outcomes.part());
    String epochFlaw = epochFlaw().orElse("");
    boolean sound = parts.stream().allMatch(JournalPart::isSound) && epochFlaw.isEmpty();
    Gap gap = missing();
    boolean tasksKnown = !sound && askMappedFiles();
    noteDefinitions(sound);
    noteBoot();
    return new RepairReport(
        dir.root().toString(),
        sound,
        false,
        parts,
        epochFlaw,
        safeEpoch(!epochFlaw.isEmpty()),
        gap.missing(),
        gap.first(),
        gap.last(),
        live.size(),
        tasksKnown,
        lostTasks,
        lostTaskIds,
        lostOutcomes,
        lostOutcomeIds,
        notes);
  }

  /** Numbers that no record has, from the first damage on. */
  private Gap missing() {
    MissingSequences missing =
        new MissingSequences(Math.min(submissions.knownThrough(), outcomes.knownThrough()));
    submissions.count(missing);
    outcomes.count(missing);
    long forced =
        Math.max(
            JournalSalvage.forcedSequence(dir.submissions()),
            JournalSalvage.forcedSequence(dir.outcomes()));
    return missing.gap(submissions.isWhole() && outcomes.isWhole() ? 0 : forced);
  }

  private void noteDefinitions(boolean sound) {
    if (!sound && submissions.definitions() > 0) {
      notes.add(
          "schedules, limits and settings of queues that can be read: definitions="
              + submissions.definitions()
              + "; look whether one is missing or old");
    }
  }

  private void noteBoot() {
    for (Path journal : List.of(dir.submissions(), dir.outcomes())) {
      if (JournalSalvage.flawOfMark(journal).isEmpty() && JournalSalvage.isOfAnotherBoot(journal)) {
        notes.add(
            "the host was booted since the journal was written: journal="
                + journal.getFileName()
                + "; a start settles by itself what stands behind forced_through="
                + Position.format(JournalSalvage.forcedThrough(journal)));
      }
    }
  }

  private Optional<String> epochFlaw() throws IOException {
    int used = Math.max(submissions.highestEpoch(), outcomes.highestEpoch());
    try {
      int epoch = Epoch.read(dir.epoch());
      if (epoch == 0) {
        return Optional.of("the epoch file is missing: file=" + dir.epoch());
      }
      return epoch < used
          ? Optional.of(
              "the epoch file is behind the journals: file="
                  + dir.epoch()
                  + " epoch="
                  + epoch
                  + " used="
                  + used)
          : Optional.empty();
    } catch (InstanceException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** With the margin of a restore: an epoch may have left no record. */
  private int safeEpoch(boolean isFlawed) throws IOException {
    if (!isFlawed) {
      return Epoch.read(dir.epoch());
    }
    int used = Math.max(submissions.highestEpoch(), outcomes.highestEpoch());
    try (Regions regions = Instance.observe(dir)) {
      used = Math.max(used, regions.control().epoch());
    } catch (InstanceException e) {
      notes.add(
          "the epoch is taken from the journals alone, with a margin of " + Restore.EPOCH_MARGIN);
    }
    return used + Restore.EPOCH_MARGIN;
  }

  /** The slots know which records there should be. False: there are no mapped files to ask. */
  private boolean askMappedFiles() {
    try (Regions regions = Instance.observe(dir);
        JournalReader submitted = Journals.read(dir.submissions());
        JournalReader recorded = Journals.read(dir.outcomes())) {
      TaskTable tasks = regions.tasks();
      int slots = Math.min(regions.control().slotsUsed(), tasks.capacity());
      for (int slot = 0; slot < slots; slot++) {
        ask(tasks, slot, submitted, recorded);
      }
      return true;
    } catch (InstanceException e) {
      notes.add("which tasks are concerned is not known: " + e.getMessage());
      return false;
    }
  }

  private void ask(TaskTable tasks, int slot, JournalReader submitted, JournalReader recorded) {
    RecordView view = new RecordView();
    TaskState state = StateWord.state(tasks.word(slot));
    if (state == TaskState.FREE || state == TaskState.FILLING) {
      return;
    }
    String id = String.format("%016x", tasks.id(slot));
    if (state.isEnd() && !recorded.read(tasks.outcome(slot), view)) {
      lostOutcomes++;
      addTo(lostOutcomeIds, id);
    } else if (!state.isEnd() && !submitted.read(tasks.submission(slot), view)) {
      lostTasks++;
      addTo(lostTaskIds, id);
    }
  }

  private static void addTo(List<String> ids, String id) {
    if (ids.size() < NAMED_MAX) {
      ids.add(id);
    }
  }

  /** The mapped files go first: their slots name positions that will be others. */
  private RepairReport repair(RepairReport report) throws IOException {
    for (Kind kind : Kind.values()) {
      Files.deleteIfExists(dir.mapped(kind));
    }
    if (!report.epochFlaw().isEmpty()) {
      Epoch.write(dir.epoch(), report.epoch());
    }
    List<JournalPart> done =
        List.of(
            repair(dir.submissions(), submissions, report.journals().get(0)),
            repair(dir.outcomes(), outcomes, report.journals().get(1)));
    verify(dir.submissions());
    verify(dir.outcomes());
    return report.after(done);
  }

  private JournalPart repair(Path folder, JournalCheckUp checkUp, JournalPart part)
      throws IOException {
    if (!checkUp.isWhole()) {
      JournalSalvage.Result result =
          JournalSalvage.replace(
              Journals.settings(folder, settings, 0), checkUp.firstDamagedCycle(), ASIDE);
      return part.withAside(result.aside().toString());
    }
    if (!part.markFlaw().isEmpty()) {
      JournalSalvage.mark(folder);
    }
    return part;
  }

  private static void verify(Path folder) {
    try (JournalReader reader = Journals.read(folder)) {
      ScanResult result = reader.scan(Position.NONE, record -> {});
      JournalCopy.refuseDamage(folder, result);
    }
  }
}
