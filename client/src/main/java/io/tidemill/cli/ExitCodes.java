package io.tidemill.cli;

import io.grpc.Status;
import io.tidemill.client.TidemillException;

/** How the command ends; documented in the help's footer. */
final class ExitCodes {
  static final int OK = 0;
  static final int FAILURE = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 3;
  static final int UNREACHABLE = 4;
  static final int NO_SUCCESS = 5;
  static final int TIME_OVER = 6;

  private ExitCodes() {}

  static int of(TidemillException error) {
    return error.reason().equals("MESSAGE_TOO_LONG") ? USAGE : of(error.code());
  }

  static int of(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case UNAVAILABLE, DEADLINE_EXCEEDED -> UNREACHABLE;
      default -> FAILURE;
    };
  }
}
