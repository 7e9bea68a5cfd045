package io.tidemill.rpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who listens on a port, as far as /proc tells this user. */
public final class PortOwner {
  private static final String LISTENING = "0A";

  private PortOwner() {}

  /** As "pid=123 command=java", or "unknown" (another user's process). */
  public static String describe(int port) {
    try {
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        Optional<String> inode = inode(Path.of(table), port);
        if (inode.isPresent()) {
          return process(inode.get());
        }
      }
    } catch (IOException e) {
      return "unknown";
    }
    return "unknown";
  }

  private static Optional<String> inode(Path table, int port) throws IOException {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    for (String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
      String[] fields = line.trim().split("\\s+");
      if (fields.length > 9 && fields[1].endsWith(suffix) && fields[3].equals(LISTENING)) {
        return Optional.of(fields[9]);
      }
    }
    return Optional.empty();
  }

  private static String process(String inode) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process.resolve("fd"), "socket:[" + inode + "]")) {
          String command = Files.readString(process.resolve("comm")).trim();
          return "pid=" + process.getFileName() + " command=" + command;
        }
      }
    }
    return "unknown";
  }

  private static boolean holds(Path descriptors, String socket) {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
      for (Path link : links) {
        if (Files.readSymbolicLink(link).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return false; // Gone, or another user's.
    }
    return false;
  }
}
