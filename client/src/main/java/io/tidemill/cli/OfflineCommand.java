package io.tidemill.cli;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.config.SettingsException;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.journal.JournalFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A command that reads an instance's files itself and needs no process of it. */
abstract class OfflineCommand extends CliCommand {
  OfflineCommand(Cli cli) {
    super(cli);
  }

  /** What the command does; answers its exit code. */
  abstract int run() throws IOException;

  @Override
  public final Integer call() {
    try {
      return run();
    } catch (SettingsException e) {
      throw CliException.usage(e.getMessage());
    } catch (InstanceException | JournalFailure e) {
      throw new CliException(ExitCodes.FAILURE, e.getMessage());
    } catch (IOException | UncheckedIOException e) {
      throw new CliException(ExitCodes.FAILURE, "cannot read or write a file: cause=" + e);
    }
  }

  /** The folder, if it is one. */
  static Path folder(Path data) {
    if (!Files.isDirectory(data)) {
      throw CliException.usage(
          "there is no such folder: data=" + data + "; name the data folder of an instance");
    }
    return data;
  }

  /** The settings as the instance's servers see them. */
  Settings settings(Path data) throws IOException {
    return Settings.load(Map.of(), cli.environment(), data);
  }
}
