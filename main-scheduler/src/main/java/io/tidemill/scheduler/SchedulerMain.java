package io.tidemill.scheduler;

import io.tidemill.rpc.EarlyTransport;
import io.tidemill.shm.instance.Server;
import io.tidemill.shm.region.Role;

/** Entry of the Main Scheduler's process. */
public final class SchedulerMain {
  private SchedulerMain() {}

  public static void main(String[] arguments) {
    EarlyTransport.begin();
    Server.main(Role.SCHEDULER, arguments, SchedulerPart::new);
  }
}
