package io.tidemill.plm.lifecycle;

/** The start itself, of fake servers. */
public final class FakeStart {
  private FakeStart() {}

  public static void main(String[] arguments) {
    Runtime.getRuntime()
        .halt(
            StartMain.run(arguments, TestInstance.FAKES, System.getenv(), System.out, System.err));
  }
}
