package io.tidemill.shm.instance;

import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.journal.JournalFailure;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a server process lives: enters the instance, serves, turns its loop, leaves on SIGTERM. */
public final class Server {
  /** What a role brings. */
  public interface Part extends AutoCloseable {
    /**
     * Settles what the role's former process left, and begins to listen. The loop is not turning
     * yet.
     */
    void start() throws Exception;

    Agent agent();

    /** Given before {@link #start}, to wake the loop with. */
    void loop(AgentLoop loop);

    /** Stops listening, forces what there is to force. The loop has ended. */
    @Override
    void close() throws Exception;
  }

  /** Makes a role's part for an instance that has been entered. */
  @FunctionalInterface
  public interface Factory {
    Part create(Instance instance) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);
  private static final int EXIT_FAILURE = 1;

  /** What a shell says of a process that SIGTERM has ended. */
  private static final int EXIT_TERMINATED = 128 + 15;

  private Server() {}

  /** The main method of a server. */
  public static void main(Role role, String[] arguments, Factory factory) {
    Host.keepFilesPrivate();
    try {
      ServerArguments parsed = ServerArguments.parse(arguments);
      run(Instance.enter(parsed.data(), parsed.settings(), role), factory);
    } catch (SettingsException e) {
      end(role, e.getMessage(), ServerArguments.EXIT_USAGE);
    } catch (InstanceException | JournalFailure | java.io.IOException e) {
      end(role, e.getMessage(), EXIT_FAILURE);
    } catch (Exception e) {
      LOG.error("cannot start: role={}", role.label(), e);
      end(role, e.toString(), EXIT_FAILURE);
    }
  }

  private static void run(Instance instance, Factory factory) throws Exception {
    Role role = instance.role();
    Part part = factory.create(instance);
    AgentLoop loop = new AgentLoop(instance, part.agent());
    part.loop(loop);
    part.start();
    instance.askOthersToSweep();
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(loop, main), "shutdown"));
    instance.control().phase(role, Phase.SERVING);
    LOG.info(
        "serving: role={} pid={} incarnation={}",
        role.label(),
        ProcessHandle.current().pid(),
        instance.incarnation());
    loop.run();
    part.close();
    instance.close();
    LOG.info("stopped: role={}", role.label());
  }

  /**
   * SIGTERM: the virtual machine waits for this, and this for the main thread to leave in good
   * order.
   */
  private static void stop(AgentLoop loop, Thread main) {
    loop.stop();
    try {
      main.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Host.exit(EXIT_TERMINATED);
  }

  private static void end(Role role, String sentence, int status) {
    System.err.println("tidemill " + role.label() + ": " + sentence);
    Host.exit(status);
  }
}
