package io.tidemill.shm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  /** Its parent has become another program, which reaps nobody: a signal still finds the corpse. */
  @Test
  void isFreeThoughTheCorpseOfItsHolderWasNotReaped() throws Exception {
    Path file = folder.resolve("plm.lock");
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", "exec 3<&0; \"$@\" <&3 & exec sleep 600", "sh"));
    command.addAll(holder(file));
    Process parent = new ProcessBuilder(command).start();
    try {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> RoleLock.holder(file) != 0);
      int pid = RoleLock.holder(file);
      assertThat(pid).isNotEqualTo((int) parent.pid());
      Host.signal(pid, 9);
      Awaitility.await().until(() -> state(pid).equals("Z"));
      assertThat(Host.signal(pid, 0)).as("the pid still answers").isTrue();
      assertThat(RoleLock.holder(file)).isZero();
      RoleLock.tryAcquire(file).orElseThrow().close();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }

  private static String state(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[0];
  }

  @Test
  void isAFileOfTheOwnerAlone() throws IOException {
    Path file = folder.resolve("plm.lock");
    RoleLock.tryAcquire(file).orElseThrow().close();
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }

  private static Process start(Path file) throws IOException {
    Process process =
        new ProcessBuilder(holder(file)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] said = process.getInputStream().readNBytes(5);
    assertThat(new String(said, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("held\n");
    return process;
  }

  private static List<String> holder(Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        Holder.class.getName(),
        file.toString());
  }
}
