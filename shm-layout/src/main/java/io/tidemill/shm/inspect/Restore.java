package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Epoch;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSalvage;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.ScanResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes a data folder from a backup, for the next start to make mapped files in.
 *
 * <p>Leases and ids carry the epoch, and neither may repeat: a worker that took a lease from the
 * source after the backup could still hold it, and its result would be taken for that of another
 * attempt. The source went on under the backup's epoch, and under the next ones if its mapped files
 * were made anew since, as after each boot. So the restored instance begins {@link #EPOCH_MARGIN}
 * epochs later. If the source was made anew more often than that, or if the same backup is restored
 * twice, a higher epoch has to be named.
 */
public final class Restore {
  /** How many times the source may have made its mapped files anew since the backup. */
  public static final int EPOCH_MARGIN = 16;

  /**
   * What was made.
   *
   * @param epoch the one before the first that will be used
   * @param leftOut settings that were not taken over, for they name folders of the source
   */
  public record Result(
      Path data, long submissions, long outcomes, int epoch, List<String> leftOut) {}

  private final Path backup;
  private final Path data;
  private final Manifest manifest;
  private List<String> leftOut = List.of();

  private Restore(Path backup, Path data, Manifest manifest) {
    this.backup = backup;
    this.data = data;
    this.manifest = manifest;
  }

  /**
   * Makes a data folder.
   *
   * @param data a folder that does not exist, or is empty; it appears when it is whole
   * @param epoch above any that was used; 0: the backup's, with the margin
   * @throws InstanceException with a sentence for the user
   */
  public static Result make(Path backup, Path data, int epoch) throws IOException {
    boolean vacant =
        Files.notExists(data, LinkOption.NOFOLLOW_LINKS) || PrivateFiles.isEmptyFolder(data);
    if (!vacant) {
      throw new InstanceException(
          "the folder is not empty: data=" + data + "; name one that does not exist");
    }
    Manifest manifest = Manifest.read(backup);
    int first = epoch == 0 ? manifest.epoch() + EPOCH_MARGIN : epoch;
    if (first <= manifest.epoch()) {
      throw new InstanceException(
          "the epoch was used already: epoch="
              + epoch
              + " backup="
              + manifest.epoch()
              + "; name a higher one");
    }
    return new Restore(backup, data, manifest).make(first);
  }

  private Result make(int epoch) throws IOException {
    Path draft = PrivateFiles.draftOf(data);
    try {
      for (Manifest.Entry file : manifest.files()) {
        copy(file, draft);
      }
      dropForeignFolders(draft.resolve(Settings.FILE_NAME));
      Files.deleteIfExists(draft.resolve(Manifest.EPOCH));
      Epoch.write(draft.resolve(Manifest.EPOCH), epoch);
      DataDir dir = new DataDir(draft, "");
      dir.prepare();
      long submissions = records(dir.submissions());
      long outcomes = records(dir.outcomes());
      JournalSalvage.mark(dir.submissions());
      JournalSalvage.mark(dir.outcomes());
      Files.deleteIfExists(data);
      PrivateFiles.publish(draft, data);
      return new Result(data, submissions, outcomes, epoch, leftOut);
    } finally {
      PrivateFiles.delete(draft);
    }
  }

  private void copy(Manifest.Entry file, Path draft) throws IOException {
    Path source = backup.resolve(file.name());
    if (!Files.isRegularFile(source)) {
      throw damaged(source, "it is missing");
    }
    PrivateFiles.Copied done =
        PrivateFiles.copy(source, draft.resolve(file.name()), Long.MAX_VALUE);
    if (done.bytes() != file.bytes()) {
      throw damaged(source, "it has " + done.bytes() + " bytes where " + file.bytes() + " are due");
    }
    if (done.checksum() != file.checksum()) {
      throw damaged(source, "its checksum is wrong");
    }
  }

  /** With the source's shm.dir, both instances would map the same files. */
  private void dropForeignFolders(Path settings) throws IOException {
    if (!Files.exists(settings)) {
      return;
    }
    List<String> lines = Files.readAllLines(settings, StandardCharsets.UTF_8);
    leftOut = lines.stream().filter(Restore::isForeign).toList();
    if (!leftOut.isEmpty()) {
      List<String> kept = lines.stream().filter(line -> !isForeign(line)).toList();
      Files.delete(settings);
      PrivateFiles.write(
          settings, (String.join("\n", kept) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static boolean isForeign(String line) {
    return line.strip().matches(Key.SHM_DIR.key().replace(".", "\\.") + "\\s*[=:\\s].*");
  }

  private static long records(Path folder) {
    try (JournalReader reader = Journals.read(folder)) {
      ScanResult result = reader.scan(Position.NONE, record -> {});
      JournalCopy.refuseDamage(folder, result);
      return result.records();
    }
  }

  private static InstanceException damaged(Path file, String what) {
    return new InstanceException(
        "the backup is damaged: path=" + file + " reason=\"" + what + "\"; use another one");
  }
}
