package io.tidemill.shm.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostTest {
  private static final int STATUS = 7;

  /** The virtual machine's last line of all: what the heap held. JDK 17 and 25 tag it otherwise. */
  private static final String HEAP_AT_THE_END = "] Heap\n";

  @TempDir Path folder;

  /** Prints a word and ends. */
  static final class Ends {
    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.print("a hook ran")));
      System.out.print("said");
      Host.exit(STATUS);
    }
  }

  @Test
  void endsWithoutTheVirtualMachinesOwnEnd() throws Exception {
    assertThat(virtualMachineSaidAtItsEnd("-Dtidemill.exit.orderly=false"))
        .doesNotContain(HEAP_AT_THE_END);
  }

  @Test
  void leavesTheEndToTheVirtualMachineWhereThatIsAsked() throws Exception {
    assertThat(virtualMachineSaidAtItsEnd("-Dtidemill.exit.orderly=true"))
        .contains(HEAP_AT_THE_END);
  }

  private String virtualMachineSaidAtItsEnd(String option)
      throws IOException, InterruptedException {
    Path end = folder.resolve("end");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-Xlog:gc*:file=" + end + "::filecount=0",
                "-cp",
                System.getProperty("java.class.path"),
                Ends.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(STATUS);
    assertThat(said).isEqualTo("said");
    return Files.readString(end);
  }
}
