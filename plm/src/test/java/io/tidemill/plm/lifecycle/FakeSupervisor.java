package io.tidemill.plm.lifecycle;

/** The supervisor itself, of fake servers. */
public final class FakeSupervisor {
  private FakeSupervisor() {}

  public static void main(String[] arguments) {
    Runtime.getRuntime().halt(SupervisorMain.run(arguments, TestInstance.FAKES, System.getenv()));
  }
}
