package io.tidemill.plm;

import io.tidemill.rpc.EarlyTransport;
import io.tidemill.shm.instance.Server;
import io.tidemill.shm.region.Role;

/** The entry of the PLM's process. */
public final class PlmMain {
  private PlmMain() {}

  public static void main(String[] arguments) {
    EarlyTransport.begin();
    Server.main(Role.PLM, arguments, PlmPart::new);
  }
}
