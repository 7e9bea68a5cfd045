package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import java.io.IOException;
import java.nio.file.Path;

/** An instance's folder under its one true name: command lines are compared by it. */
final class Folders {
  private Folders() {}

  /** Makes what is missing, and refuses what is not fit. */
  static DataDir prepare(Path data, String shmDir) throws IOException {
    new DataDir(data, shmDir).prepare();
    return existing(data, shmDir);
  }

  static DataDir existing(Path data, String shmDir) throws IOException {
    return new DataDir(data.toRealPath(), shmDir);
  }
}
