package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.region.Role;
import java.nio.file.Path;

/** Looks at an instance's memory for the first time when it is being shut down. */
public final class LateLook {
  private LateLook() {}

  public static void main(String[] arguments) {
    DataDir dir = new DataDir(Path.of(arguments[0]), "");
    long plm = Long.parseLong(arguments[1]);
    Runnable look =
        () -> System.out.println("sees it: " + new SharedView(dir).of(Role.PLM, plm).isPresent());
    if (arguments.length == 2) {
      Runtime.getRuntime().addShutdownHook(new Thread(look));
    } else {
      look.run();
    }
    System.exit(0);
  }
}
