package io.tidemill.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With scripts in the place of the real ones that write down when they are called. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BenchInstanceTest {
  @TempDir Path scripts;

  private static final String START = "echo begins >> %1$s\nsleep 2\necho runs >> %1$s\n";
  private static final String STOP = "echo stopped >> %1$s\n";

  @Test
  void stopsAnInstanceThatIsStartingWhenTheBenchmarkIsEnded() throws Exception {
    Path calls = Files.createFile(scripts.resolve("calls"));
    write("start-all.sh", START.formatted(calls));
    write("stop-all.sh", STOP.formatted(calls));
    Process benchmark = benchmark();
    while (Files.size(calls) == 0 && benchmark.isAlive()) {
      Thread.onSpinWait();
    }
    benchmark.destroy();
    benchmark.waitFor();
    assertThat(Files.readAllLines(calls)).containsExactly("begins", "runs", "stopped");
  }

  private void write(String name, String body) throws IOException {
    Path script = Files.writeString(scripts.resolve(name), "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private Process benchmark() throws IOException {
    String jdk = System.getProperty("java.home");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    jdk + "/bin/java",
                    "-Djava.io.tmpdir=" + scripts,
                    "-cp",
                    System.getProperty("java.class.path"),
                    StartMain.class.getName(),
                    "--jdk",
                    jdk))
            .inheritIO();
    builder.environment().put("TIDEMILL_SCRIPTS", scripts.toString());
    return builder.start();
  }
}
