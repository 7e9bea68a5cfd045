package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.plm.lifecycle.TestInstance.Said;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpgradeTest {
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
  void replacesEveryProcessAndKeepsTheInstanceWhole() throws IOException {
    assertThat(instance.start("--workers", "1").code()).isEqualTo(ExitCode.OK);
    List<Integer> before = pids();

    Said said = instance.upgrade();

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isEqualTo(ExitCode.OK);
    assertThat(said.out())
        .contains("supervisor: pid=" + before.get(0) + " -> ", "the longest stall of a server");
    assertThat(pids()).doesNotContainAnyElementsOf(before).doesNotContain(0);
    // Its posts are the new supervisor's: a drained worker stays away, as it did before.
    assertThat(instance.stop().out()).contains("worker-1 drained and stopped", "plm stopped");
  }

  @Test
  void saysWhatOfTheNewReleaseDoesNotStartAndHowToGoBack() throws IOException {
    assertThat(instance.start("--workers", "0").code()).isEqualTo(ExitCode.OK);
    int plm = instance.pid(Role.PLM);
    instance.refuse("scheduler", "no good today");

    Said said = instance.upgrade();

    assertThat(said.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(said.err())
        .contains("scheduler of this release does not start", "no good today", "goes back");
    assertThat(instance.pid(Role.PLM)).isEqualTo(plm);
  }

  @Test
  void refusesToUpgradeWhatDoesNotRun() throws IOException {
    Said none = instance.upgrade();
    assertThat(none.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(none.err()).contains("there is no instance");

    assertThat(instance.start("--workers", "0").code()).isEqualTo(ExitCode.OK);
    instance.stop();
    Said stopped = instance.upgrade();
    assertThat(stopped.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(stopped.err()).contains("nothing is running", "start-all.sh");
  }

  private List<Integer> pids() throws IOException {
    List<Integer> pids = new ArrayList<>();
    pids.add(instance.pid(Role.SUPERVISOR));
    for (Role role : Role.servers()) {
      pids.add(instance.pid(role));
    }
    pids.add(instance.process("worker-1").pid());
    return pids;
  }
}
