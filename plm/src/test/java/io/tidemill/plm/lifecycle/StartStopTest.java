package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.plm.lifecycle.TestInstance.Said;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartStopTest {
  @TempDir private Path folder;
  private TestInstance instance;
  private TestInstance other;

  @AfterEach
  void endWhatIsLeft() {
    if (instance != null) {
      instance.close();
    }
    if (other != null) {
      other.close();
    }
  }

  @Test
  void startsAllAndStopsThemInOrder() throws IOException {
    instance = new TestInstance(folder);

    Said started = instance.start("--workers", "2", "--capacity", "3");

    assertThat(started.err()).contains("plm is ready", "worker-2 is ready");
    assertThat(started.code()).isEqualTo(ExitCode.OK);
    assertThat(started.out())
        .contains("plm ", "scheduler ", "register ", "worker-1 ", "worker-2 ")
        .contains("logs:  " + instance.dir().logs(), "stop-all.sh --data " + instance.dir().root());
    int capacity = instance.look(regions -> regions.workers().registration(1).capacity());
    assertThat(capacity).isEqualTo(3);
    // The terminal or pipe that the start had is free.
    Path descriptors = Path.of("/proc/" + instance.pid(Role.SUPERVISOR) + "/fd");
    for (String stream : List.of("1", "2")) {
      assertThat(Files.readSymbolicLink(descriptors.resolve(stream)))
          .isEqualTo(instance.dir().logs().resolve("supervisor.out"));
    }

    String settings = Files.readString(instance.dir().root().resolve(Settings.FILE_NAME));
    Said again = instance.start("--workers", "5");
    assertThat(again.code()).isEqualTo(ExitCode.OK);
    assertThat(again.out()).contains("it is already running", "worker-2 ");
    assertThat(again.err()).contains("it keeps the workers that it has: workers=2 capacity=3");
    Said elsewhere = instance.start("--durability", "disk");
    assertThat(elsewhere.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(elsewhere.err()).contains("durability=process (asked: disk)", "stop it first");
    assertThat(instance.dir().root().resolve(Settings.FILE_NAME)).hasContent(settings);

    Said stopped = instance.stop();
    assertThat(stopped.code()).isEqualTo(ExitCode.OK);
    assertThat(stopped.out().lines())
        .containsSubsequence("worker-1 drained and stopped", "plm stopped")
        .containsSubsequence(
            "worker-2 drained and stopped",
            "plm stopped",
            "scheduler stopped",
            "register stopped",
            "supervisor stopped",
            "all stopped: data=" + instance.dir().root());
    for (Role role : Role.values()) {
      assertThat(instance.pid(role)).isZero();
    }

    Said stoppedAgain = instance.stop();
    assertThat(stoppedAgain.code()).isEqualTo(ExitCode.OK);
    assertThat(stoppedAgain.out()).contains("nothing is running");
  }

  @Test
  void leavesOtherInstancesAlone() throws IOException {
    instance = new TestInstance(Files.createDirectory(folder.resolve("a")));
    other = new TestInstance(Files.createDirectory(folder.resolve("b")));
    assertThat(instance.start("--workers", "0").code()).isEqualTo(ExitCode.OK);
    assertThat(other.start("--workers", "0").code()).isEqualTo(ExitCode.OK);
    int plm = other.pid(Role.PLM);

    assertThat(instance.stop().code()).isEqualTo(ExitCode.OK);

    assertThat(instance.pid(Role.PLM)).isZero();
    assertThat(other.pid(Role.PLM)).isEqualTo(plm).isPositive();
    assertThat(other.start("--workers", "0").out()).contains("it is already running");
  }

  @Test
  void saysTheServersOwnSentenceAndLeavesNothingRunningWhenOneCannotStart() throws IOException {
    instance = new TestInstance(folder);
    instance.refuse("scheduler", "no room for a mapped file: bytes=7; free some");

    Said said = instance.start("--workers", "0");

    assertThat(said.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .endsWith(
            "tidemill: scheduler could not start: no room for a mapped file: bytes=7; free some\n");
    assertThat(Member.of(instance.dir().root())).isEmpty();
    for (Role role : Role.values()) {
      assertThat(instance.pid(role)).isZero();
    }
  }

  @Test
  void staysInTheForegroundUntilItIsTerminatedAndStopsAllThen() throws Exception {
    instance = new TestInstance(folder);
    Path out = folder.resolve("out");

    Process start = instance.startInForeground(out, "--workers", "1");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Files.readString(out).contains("stop-all.sh") || !start.isAlive());
    assertThat(instance.pid(Role.SUPERVISOR)).isEqualTo((int) start.pid());
    start.destroy();

    assertThat(start.waitFor()).isEqualTo(ExitCode.OK);
    assertThat(out)
        .content()
        .contains("it is running", "worker-1 drained and stopped", "register stopped");
    assertThat(Member.of(instance.dir().root())).isEmpty();
  }

  @Test
  void failsInTheForegroundWhenAServerCannotStart() throws Exception {
    instance = new TestInstance(folder);
    instance.refuse("register", "not today");

    Process start = instance.startInForeground(folder.resolve("out"), "--workers", "0");

    assertThat(start.waitFor()).isEqualTo(ExitCode.FAILURE);
    assertThat(folder.resolve("out")).content().contains("register could not start: not today");
    assertThat(Member.of(instance.dir().root())).isEmpty();
  }

  @Test
  void namesWhoHasThePort() throws IOException {
    instance = new TestInstance(folder);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Said said = instance.start("--set", "port.register=" + socket.getLocalPort());

      assertThat(said.code()).isEqualTo(ExitCode.FAILURE);
      assertThat(said.err())
          .contains("register cannot listen: address=127.0.0.1:" + socket.getLocalPort())
          .contains("pid=" + ProcessHandle.current().pid())
          .contains("--port-base");
    }
  }

  @Test
  void refusesFolderThatIsOpenToOthers() throws IOException {
    instance = new TestInstance(folder);
    Files.createDirectory(
        instance.dir().root(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

    Said said = instance.start();

    assertThat(said.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(said.err()).contains("folder is open to others", "chmod 700");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    instance = new TestInstance(folder);

    assertThat(instance.start("--wrokers", "3").code()).isEqualTo(ExitCode.USAGE);
    assertThat(instance.start("--workers", "many").code()).isEqualTo(ExitCode.USAGE);
    assertThat(instance.start("--set", "nothing.of.this=1").code()).isEqualTo(ExitCode.USAGE);
    assertThat(instance.start("--durability", "wishful").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void stopOfAFolderThatIsNotThereIsNoError() throws IOException {
    instance = new TestInstance(folder);

    Said said = instance.stop();

    assertThat(said.code()).isEqualTo(ExitCode.OK);
    assertThat(said.out()).contains("nothing is running");
  }

  /** As a supervisor that is asked to stop a moment after its start. */
  @Test
  void whoLooksFirstWhenItIsBeingShutDownDoesWithoutTheMemory() throws Exception {
    instance = new TestInstance(folder);
    assertThat(instance.start("--workers", "1").code()).isEqualTo(ExitCode.OK);
    assertThat(look("now")).contains("sees it: true");
    assertThat(look()).contains("sees it: false");
  }

  private String look(String... when) throws IOException {
    Jvm jvm = Jvm.of(Map.of());
    List<String> command = new ArrayList<>(List.of(jvm.java()));
    command.addAll(jvm.supervisorOptions());
    command.addAll(List.of("-cp", jvm.classPath(), LateLook.class.getName()));
    command.addAll(
        List.of(instance.dir().root().toString(), Long.toString(instance.pid(Role.PLM))));
    command.addAll(List.of(when));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
