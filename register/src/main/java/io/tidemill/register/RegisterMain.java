package io.tidemill.register;

import io.tidemill.rpc.EarlyTransport;
import io.tidemill.shm.instance.Server;
import io.tidemill.shm.region.Role;

/** The Register's process. */
public final class RegisterMain {
  private RegisterMain() {}

  public static void main(String[] arguments) {
    EarlyTransport.begin();
    Server.main(Role.REGISTER, arguments, RegisterPart::new);
  }
}
