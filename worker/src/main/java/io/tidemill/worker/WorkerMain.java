package io.tidemill.worker;

import picocli.CommandLine;

/** The entry of the stock worker as a process of its own. */
public final class WorkerMain {
  private WorkerMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new WorkerCommand()).execute(args));
  }
}
