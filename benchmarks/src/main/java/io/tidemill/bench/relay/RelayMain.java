package io.tidemill.bench.relay;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * One process of the relay: {@code ROLE FOLDER PORT_BASE}, with the role front, scheduler,
 * register, worker or sink. Runs until its standard input ends, so that it does not outlive who
 * started it.
 */
public final class RelayMain {
  static final int MESSAGE_BYTES = 16 << 20;

  private RelayMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    int portBase = Integer.parseInt(args[2]);
    switch (args[0]) {
      case "front" -> front(RelayMemory.open(folder), portBase);
      case "scheduler" -> scheduler(RelayMemory.open(folder), portBase + 1);
      case "register" -> serve(new RelayRegister(RelayMemory.open(folder)), portBase + 2);
      case "sink" -> serve(new RelaySink(), portBase);
      case "worker" -> new RelayWorker(address(portBase + 1), address(portBase + 2));
      default -> throw new IllegalArgumentException("no such role: role=" + args[0]);
    }
    System.out.println("ready");
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  static String address(int port) {
    return "127.0.0.1:" + port;
  }

  private static void front(RelayMemory memory, int port) throws IOException {
    RelayFront front = new RelayFront(memory);
    loop(new RelayLoop(memory.rings().registerToPlm(), memory.wakeUp(Role.PLM), front));
    serve(front, port);
  }

  private static void scheduler(RelayMemory memory, int port) throws IOException {
    RelayScheduler scheduler = new RelayScheduler();
    loop(new RelayLoop(memory.rings().plmToScheduler(), memory.wakeUp(Role.SCHEDULER), scheduler));
    serve(scheduler, port);
  }

  private static void loop(RelayLoop loop) {
    Thread thread = new Thread(loop, "loop");
    thread.setDaemon(true);
    thread.start();
  }

  private static void serve(BindableService service, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    Server server =
        Transport.server(address, MESSAGE_BYTES, new HealthStatusManager(), List.of(service));
    Transport.start(server, address, "the port");
  }
}
