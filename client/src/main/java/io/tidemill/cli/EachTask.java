package io.tidemill.cli;

import io.tidemill.client.TidemillException;
import java.util.List;
import java.util.function.LongConsumer;

/** Tasks that are named one by one: each is tried, whatever became of the one before. */
final class EachTask {
  private EachTask() {}

  /**
   * Answers the exit code: that of the first refusal.
   *
   * @throws TidemillException if the server is not reached, since then the others would not be
   *     either
   */
  static int run(Cli cli, List<Long> ids, LongConsumer action) {
    int exitCode = ExitCodes.OK;
    for (long id : ids) {
      try {
        action.accept(id);
      } catch (TidemillException refused) {
        int code = ExitCodes.of(refused);
        if (code == ExitCodes.UNREACHABLE) {
          throw refused;
        }
        cli.say(refused);
        exitCode = exitCode == ExitCodes.OK ? code : exitCode;
      }
    }
    return exitCode;
  }
}
