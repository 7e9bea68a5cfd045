package io.tidemill.bench.relay;

import io.tidemill.bench.JavaProcess;
import io.tidemill.bench.Ports;
import io.tidemill.bench.Run;
import io.tidemill.bench.Target;
import io.tidemill.bench.TidemillTarget;
import java.io.IOException;
import java.util.Map;

/**
 * The load generator against a server of one process that does nothing: how much it is good for.
 */
public final class Ceiling implements Target {
  private final Process server;
  private final TidemillTarget generator;

  private Ceiling(Process server, int port) {
    this.server = server;
    this.generator = new TidemillTarget(RelayMain.address(port));
  }

  public static Ceiling start() throws IOException {
    int port = Ports.freeBase();
    return new Ceiling(
        JavaProcess.begin(
            JavaProcess.SERVER_OPTIONS, RelayMain.class, "sink", "-", Integer.toString(port)),
        port);
  }

  @Override
  public String name() {
    return "ceiling";
  }

  @Override
  public Map<String, Long> processes() {
    return Map.of("sink", server.pid());
  }

  @Override
  public Run run(int count, int outstanding) throws InterruptedException {
    return generator.run(count, outstanding);
  }

  public Run submit(int count, int outstanding) throws InterruptedException {
    return generator.submit(count, outstanding);
  }

  @Override
  public void close() {
    generator.close();
    server.destroyForcibly();
  }
}
