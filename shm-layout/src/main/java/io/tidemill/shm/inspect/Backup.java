package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Epoch;
import io.tidemill.shm.instance.InstanceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies what an instance cannot be made anew from: both journals, its settings and its epoch,
 * while it runs.
 *
 * <p>The submissions come first and the outcomes after them: the outcome of a task that is not in
 * the copy does no harm, and a task whose outcome is missing would be done again. Retention deletes
 * the outcomes of tasks only after their submissions; so if no submission was deleted until the
 * outcomes were copied, no outcome is missing. Otherwise all is done again. The epoch comes last,
 * so that no id or lease in the copy is of a later one.
 */
public final class Backup {
  /** What was made. */
  public record Result(Path folder, long submissions, long outcomes, long bytes, int epoch) {}

  private static final int ATTEMPTS = 10;

  private final DataDir dir;
  private final Path target;

  private Backup(DataDir dir, Path target) {
    this.dir = dir;
    this.target = target;
  }

  /**
   * Makes a backup.
   *
   * @param target a folder that does not exist yet; it appears when it is whole
   * @throws InstanceException with a sentence for the user
   */
  public static Result make(Path data, Path target) throws IOException {
    DataDir dir = new DataDir(data, "");
    if (!Files.isDirectory(dir.submissions())) {
      throw new InstanceException(
          "no instance here: missing="
              + dir.submissions()
              + "; name the data folder of one that has run");
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new InstanceException(
          "the backup's folder exists already: path=" + target + "; name one that does not");
    }
    return new Backup(dir, target).make();
  }

  private Result make() throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Path draft = PrivateFiles.draftOf(target);
      try {
        Result result = attempt(draft);
        if (result != null) {
          return result;
        }
      } finally {
        PrivateFiles.delete(draft);
      }
    }
    throw new InstanceException(
        "old cycles were deleted faster than they could be copied: data="
            + dir.root()
            + " attempts="
            + ATTEMPTS
            + "; try again when less is going on");
  }

  /** Null: retention has deleted something meanwhile. */
  private Result attempt(Path draft) throws IOException {
    JournalCopy submissions = new JournalCopy(dir.root(), dir.submissions(), draft);
    JournalCopy outcomes = new JournalCopy(dir.root(), dir.outcomes(), draft);
    if (!submissions.copy() || !outcomes.copy() || !submissions.isStillWhole()) {
      return null;
    }
    submissions.verify();
    outcomes.verify();
    List<Manifest.Entry> files = new ArrayList<>(submissions.copied());
    files.addAll(outcomes.copied());
    copyIfThere(Settings.FILE_NAME, draft, files);
    copyIfThere(Manifest.EPOCH, draft, files);
    int epoch = Epoch.read(draft.resolve(Manifest.EPOCH));
    Manifest manifest = new Manifest(System.currentTimeMillis(), epoch, files);
    PrivateFiles.write(draft.resolve(Manifest.NAME), manifest.bytes());
    PrivateFiles.publish(draft, target);
    long bytes = files.stream().mapToLong(Manifest.Entry::bytes).sum();
    return new Result(target, submissions.records(), outcomes.records(), bytes, epoch);
  }

  private void copyIfThere(String name, Path draft, List<Manifest.Entry> files) throws IOException {
    Path file = dir.root().resolve(name);
    if (Files.isRegularFile(file)) {
      PrivateFiles.Copied done = PrivateFiles.copy(file, draft.resolve(name), Long.MAX_VALUE);
      files.add(new Manifest.Entry(name, done.bytes(), done.checksum()));
    }
  }
}
