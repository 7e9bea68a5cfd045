package io.tidemill.cli;

import io.tidemill.rpc.security.AccessFile;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A command on the access file: that of the instance, or the one that is named. */
abstract class AccessFileCommand extends OfflineCommand {
  private static final String DEFAULT_NAME = "tokens";

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "The access file. Else the setting tokens.file; else `tokens` in the folder.")
  Path file;

  AccessFileCommand(Cli cli) {
    super(cli);
  }

  /** What the command does. */
  abstract int run(Path path, AccessFile access) throws IOException;

  @Override
  final int run() throws IOException {
    Path path = path();
    try {
      return run(path, new AccessFile(path));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    } catch (IOException e) {
      throw new CliException(ExitCodes.FAILURE, e.getMessage());
    }
  }

  private Path path() throws IOException {
    if (file != null) {
      return file;
    }
    Path data = folder(cli.addresses().data());
    String named = settings(data).text(Key.TOKENS_FILE);
    return data.resolve(named.isEmpty() ? DEFAULT_NAME : named);
  }

  /** Says what is still to be done, if the instance does not use the file. */
  void sayIfUnused(Path path) throws IOException {
    if (file != null) {
      return;
    }
    Path data = cli.addresses().data();
    boolean used =
        Files.exists(data.resolve(Settings.FILE_NAME))
            && !settings(data).text(Key.TOKENS_FILE).isEmpty();
    if (!used) {
      cli.say(
          "it counts once the instance is started with --set tokens.file=" + path.getFileName());
    }
  }
}
