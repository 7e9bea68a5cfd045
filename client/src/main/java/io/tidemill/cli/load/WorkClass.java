package io.tidemill.cli.load;

import java.util.Locale;

/** How long a task of a load works. */
public enum WorkClass {
  SHORT,
  MEDIUM,
  LONG;

  /** As reports write it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
