package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningTest {
  @TempDir private Path folder;

  @Test
  void doesNotTakeAnotherProcessWithTheSamePidForTheOneItMeant() {
    Running self = Running.of(ProcessHandle.current().pid()).orElseThrow();

    assertThat(self.lives()).isTrue();
    assertThat(new Running(self.pid(), self.startTicks() - 1).lives()).isFalse();
    assertThat(Running.of(0)).isEmpty();
    assertThat(Running.of(Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void findsMembersOfAnInstanceByTheirCommandLinesAndNoOthers() throws IOException {
    Process ours = idle("-Dtidemill.role=worker-1", "--data", folder.toString());
    Process others = idle("-Dtidemill.role=worker-1", "--data", folder.resolve("x").toString());
    Process foreign = idle("--data", folder.toString());
    try {
      assertThat(Member.of(folder))
          .singleElement()
          .satisfies(
              member -> {
                assertThat(member.name()).isEqualTo("worker-1");
                assertThat((long) member.running().pid()).isEqualTo(ours.pid());
              });
    } finally {
      ours.destroyForcibly();
      others.destroyForcibly();
      foreign.destroyForcibly();
    }
  }

  @Test
  void readsTheLastSentenceOfThisStartOnly() throws IOException {
    Path file = folder.resolve("plm.out");
    Files.writeString(file, "tidemill plm: an old sentence\n");
    OutFile out = OutFile.continued(file);
    assertThat(out.lastSentence()).isEmpty();

    Files.writeString(
        file, "tidemill plm: an old sentence\nWARNING: x\ntidemill plm: no room: a=1\nbye\n");

    assertThat(out.lastSentence()).contains("no room: a=1");
    Files.writeString(file, "tidemill plm: an old sentence\n\nError: no main class\n\n");
    assertThat(out.lastSentence()).contains("Error: no main class");
  }

  @Test
  void readsTheWantedWorkersAsTheyWereWritten() throws IOException {
    Path file = folder.resolve("workers");
    assertThat(WantedWorkers.read(file)).isEmpty();

    new WantedWorkers(3, 16).write(file);

    assertThat(WantedWorkers.read(file)).contains(new WantedWorkers(3, 16));
    Files.writeString(file, "count=many\n");
    assertThat(WantedWorkers.read(file)).isEmpty();
  }

  /** A process with these words on its command line that waits for the end of its input. */
  private static Process idle(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "read line; :", "idle"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).start();
  }
}
