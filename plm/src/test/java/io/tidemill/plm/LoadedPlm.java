package io.tidemill.plm;

import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A PLM with the fake cluster beside it as a process of its own, to be killed. Arguments: folder
 * and settings.
 */
final class LoadedPlm {
  private LoadedPlm() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> overrides = new HashMap<>();
    for (int i = 1; i < arguments.length; i += 2) {
      overrides.put(arguments[i], arguments[i + 1]);
    }
    Path data = Path.of(arguments[0]);
    int port = Integer.parseInt(overrides.remove("port.plm"));
    Instance instance = Instance.enter(data, TestPlm.settings(data, overrides, port), Role.PLM);
    PlmPart part = new PlmPart(instance);
    AgentLoop loop = new AgentLoop(instance, part.agent());
    part.start();
    System.out.println("serving");
    loop.run();
  }
}
