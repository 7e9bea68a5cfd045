package io.tidemill.sim;

import java.io.Serial;

/** A simulated process ends here: no instruction of it follows. */
final class Crash extends Error {
  @Serial private static final long serialVersionUID = 1L;

  Crash() {
    super("simulated crash", null, false, false);
  }
}
