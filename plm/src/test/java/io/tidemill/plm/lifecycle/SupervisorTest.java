package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.plm.lifecycle.TestInstance.Said;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  private static final int STOP = 19;
  private static final int TERM = 15;

  @TempDir private Path folder;
  private TestInstance instance;

  @BeforeEach
  void prepare() throws IOException {
    instance = new TestInstance(folder);
  }

  @AfterEach
  void endWhatIsLeft() {
    instance.close();
  }

  @Test
  void replacesKilledServerAndAsksSurvivorsToSweep() throws IOException {
    start("--workers", "0");
    int killed = instance.pid(Role.PLM);
    int untouched = instance.pid(Role.REGISTER);
    long sweeps = sweepsAsked(Role.REGISTER);

    Running.of(killed).orElseThrow().kill();

    instance.awaitOther(Role.PLM, killed);
    eventually().until(() -> isServing(Role.PLM));
    assertThat(incarnation(Role.PLM)).isEqualTo(2);
    assertThat(instance.pid(Role.REGISTER)).isEqualTo(untouched);
    // Once by the supervisor, and once by the new process.
    eventually().until(() -> sweepsAsked(Role.REGISTER) >= sweeps + 2);
  }

  @Test
  void killsStalledServerAndStartsAnotherOnceItsLockIsFree() throws IOException {
    instance.set("stall.limit.ms", "4000");
    start("--workers", "0");
    int stalled = instance.pid(Role.REGISTER);

    Host.signal(stalled, STOP);

    instance.awaitOther(Role.REGISTER, stalled);
    eventually().until(() -> isServing(Role.REGISTER));
    // A start while the lock was held would have been refused, and noted.
    assertThat(incarnation(Role.REGISTER)).isEqualTo(2);
    assertThat(instance.files().failed("register")).isEmpty();
  }

  @Test
  void nextSupervisorTakesOverWhatRuns() throws IOException {
    start("--workers", "1");
    int former = instance.pid(Role.SUPERVISOR);
    int plm = instance.pid(Role.PLM);
    Running worker = instance.process("worker-1");

    Running.of(former).orElseThrow().kill();
    eventually().until(() -> instance.pid(Role.SUPERVISOR) == 0);
    Said again = instance.start();

    assertThat(again.code()).isEqualTo(ExitCode.OK);
    assertThat(instance.pid(Role.PLM)).isEqualTo(plm);
    assertThat(instance.process("worker-1")).isEqualTo(worker);
    assertThat(again.out()).contains("worker-1").doesNotContain("worker-2");
    Running.of(plm).orElseThrow().kill();
    worker.kill();
    instance.awaitOther(Role.PLM, plm);
    eventually().until(() -> hasOther("worker-1", worker));
    eventually().until(() -> isServing(Role.PLM));
    assertThat(instance.stop().out()).contains("worker-1 drained and stopped", "plm stopped");
  }

  @Test
  void stopsWhatADeadSupervisorLeft() throws IOException {
    start("--workers", "1");
    Running.of(instance.pid(Role.SUPERVISOR)).orElseThrow().kill();
    eventually().until(() -> instance.pid(Role.SUPERVISOR) == 0);

    Said said = instance.stop();

    assertThat(said.code()).isEqualTo(ExitCode.OK);
    assertThat(said.out().lines())
        .containsSubsequence(
            "worker-1 drained and stopped", "plm stopped", "scheduler stopped", "register stopped");
    assertThat(Member.of(instance.dir().root())).isEmpty();
  }

  @Test
  void stopsDespiteASupervisorThatIsPaused() throws IOException {
    start("--workers", "0");
    Host.signal(instance.pid(Role.SUPERVISOR), STOP);

    Said said = instance.stop();

    assertThat(said.code()).isEqualTo(ExitCode.OK);
    assertThat(said.out()).contains("supervisor did not answer and was killed", "plm stopped");
  }

  @Test
  void leavesDrainedWorkerAwayAndStartsKilledOneAgain() throws IOException {
    start("--workers", "2");
    Running drained = instance.process("worker-1");
    Running killed = instance.process("worker-2");

    Host.signal(drained.pid(), TERM);
    killed.kill();

    eventually().until(() -> instance.files().isDrained("worker-1"));
    eventually().until(() -> hasOther("worker-2", killed));
    Said again = instance.start();
    assertThat(again.code()).isEqualTo(ExitCode.OK);
    assertThat(again.out()).contains("worker-1 was drained");
    assertThat(instance.files().pid("worker-1")).isZero();
  }

  @Test
  void triesAgainUntilAServerCanStart() throws IOException {
    start("--workers", "0");
    int killed = instance.pid(Role.SCHEDULER);
    instance.refuse("scheduler", "not today");

    Running.of(killed).orElseThrow().kill();
    eventually().until(() -> instance.files().failed("scheduler").isPresent());
    assertThat(instance.files().failed("scheduler")).contains("not today");
    Said meanwhile = instance.start();
    Files.delete(TestInstance.failure(instance.dir().root(), "scheduler"));

    assertThat(meanwhile.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(meanwhile.err()).contains("it is running, but not healthy", "not today");
    instance.awaitOther(Role.SCHEDULER, killed);
    eventually().until(() -> isServing(Role.SCHEDULER));
    eventually().until(() -> instance.files().failed("scheduler").isEmpty());
  }

  private void start(String... options) throws IOException {
    Said said = instance.start(options);
    assertThat(said.code()).as(said.err()).isEqualTo(ExitCode.OK);
  }

  private boolean hasOther(String name, Running former) throws IOException {
    long pid = instance.files().pid(name);
    return pid != 0 && pid != former.pid();
  }

  private boolean isServing(Role role) {
    int pid = instance.pid(role);
    return instance.look(
        regions ->
            regions.control().pid(role) == pid && regions.control().phase(role) == Phase.SERVING);
  }

  private long incarnation(Role role) {
    return instance.look(regions -> regions.control().incarnation(role));
  }

  private long sweepsAsked(Role role) {
    return instance.look(regions -> regions.control().sweepAsked(role));
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofMinutes(2));
  }
}
