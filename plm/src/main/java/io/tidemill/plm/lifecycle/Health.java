package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether an instance is healthy: each server holds its lock, stands in the process table as
 * serving, and answers on its port; each worker is registered. Not to be used by a server.
 */
final class Health implements AutoCloseable {
  private final DataDir dir;
  private final RunFiles files;
  private final Settings settings;
  private final WantedWorkers wanted;
  private final SharedView shared;
  private final Map<Role, Integer> answered = new HashMap<>();

  Health(DataDir dir, Settings settings, WantedWorkers wanted) {
    this.dir = dir;
    this.files = new RunFiles(dir);
    this.settings = settings;
    this.wanted = wanted;
    this.shared = new SharedView(dir);
  }

  /**
   * The processes, by name, with their pids: 0 for one that is not healthy (yet). A drained worker
   * is left out.
   */
  Map<String, Integer> look() throws IOException {
    Map<String, Integer> processes = new LinkedHashMap<>();
    for (Role role : Role.servers()) {
      int pid = RoleLock.holder(dir.lock(role));
      processes.put(role.label(), pid != 0 && serves(role, pid) ? pid : 0);
    }
    for (String id : wanted.names()) {
      if (!files.isDrained(id)) {
        int pid = (int) files.pid(id);
        processes.put(id, pid != 0 && isRegistered(id, pid) ? pid : 0);
      }
    }
    return processes;
  }

  /** Workers that left on purpose. */
  List<String> drained() {
    List<String> drained = new ArrayList<>(wanted.names());
    drained.removeIf(id -> !files.isDrained(id));
    return drained;
  }

  private boolean serves(Role role, int pid) {
    boolean serving =
        shared.of(role, pid).filter(r -> r.control().phase(role) == Phase.SERVING).isPresent();
    if (serving && !answered.getOrDefault(role, 0).equals(pid)) {
      if (!answers(role)) {
        return false;
      }
      answered.put(role, pid);
    }
    return serving;
  }

  /**
   * Over a socket of the host where there is one. A port with TLS is only connected to: what it
   * takes to say more is not for a probe to hold.
   */
  private boolean answers(Role role) {
    SocketAddress address = Addresses.socket(settings, dir.root(), role);
    boolean tls = !settings.text(Key.TLS_CERTIFICATE).isEmpty();
    boolean locked = tls && address instanceof InetSocketAddress;
    return locked ? HealthProbe.listens(address) : HealthProbe.speaks(address);
  }

  private boolean isRegistered(String id, int pid) {
    return shared
        .latest()
        .map(Regions::workers)
        .filter(table -> WorkerRows.isAlive(table, id, pid))
        .isPresent();
  }

  @Override
  public void close() {
    shared.close();
  }
}
