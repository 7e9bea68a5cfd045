package io.tidemill.shm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoleLockTest {
  @TempDir Path folder;

  /** Holds a lock until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      try (RoleLock lock = RoleLock.tryAcquire(Path.of(arguments[0])).orElseThrow()) {
        System.out.println(lock == null ? "none" : "held");
        System.in.read();
      }
    }
  }

  @Test
  void namesItsHolderAndIsFreeOnceThatWasKilled() throws Exception {
    Path file = folder.resolve("plm.lock");
    assertThat(RoleLock.holder(file)).as("no file yet").isZero();
    Process holder = start(file);
    assertThat(RoleLock.holder(file)).isEqualTo((int) holder.pid());
    assertThat(RoleLock.tryAcquire(file)).isEmpty();
    holder.destroyForcibly();
    // Freed with the process, whether or not anybody has reaped it.
    Awaitility.await().until(() -> RoleLock.holder(file) == 0);
    Optional<RoleLock> lock = RoleLock.tryAcquire(file);
    assertThat(lock).isPresent();
    lock.get().close();
    holder.waitFor();
  }

  @Test
  void isKeptByAStoppedProcess() throws Exception {
    Path file = folder.resolve("plm.lock");
    Process holder = start(file);
    assertThat(Host.signal((int) holder.pid(), 19)).isTrue();
    assertThat(RoleLock.holder(file)).isEqualTo((int) holder.pid());
    holder.destroyForcibly();
    holder.waitFor();
    assertThat(RoleLock.holder(file)).isZero();
  }

  @Test
  void isAFileOfTheOwnerAlone() throws IOException {
    Path file = folder.resolve("plm.lock");
    RoleLock.tryAcquire(file).orElseThrow().close();
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }

  private static Process start(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] said = process.getInputStream().readNBytes(5);
    assertThat(new String(said, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("held\n");
    return process;
  }
}
