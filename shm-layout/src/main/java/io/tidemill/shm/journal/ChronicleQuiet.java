package io.tidemill.shm.journal;

/** Keeps Chronicle from reporting its use to its makers, and from announcing itself. */
final class ChronicleQuiet {
  private ChronicleQuiet() {}

  /** Before the first use of Chronicle; what the command line says stands. */
  static void install() {
    set("chronicle.analytics.disable");
    set("chronicle.announcer.disable");
    // It warns every few seconds of what we have refused long before.
    set("chronicle.disk.monitor.disable");
  }

  private static void set(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }
}
