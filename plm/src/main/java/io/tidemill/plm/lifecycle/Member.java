package io.tidemill.plm.lifecycle;

import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process of an instance, with its name in it. */
record Member(String name, Running running) {
  private static final Path PROC = Path.of("/proc");

  /**
   * The processes that the launcher started for an instance, found by their command lines: what a
   * supervisor that died a moment after it started them left, too.
   *
   * @param root of the instance, as the launcher named it
   */
  static List<Member> of(Path root) {
    List<Member> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        name(commandLine(process), root)
            .flatMap(name -> Running.of(pid).map(running -> new Member(name, running)))
            .ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the processes: path=" + PROC, e);
    } catch (DirectoryIteratorException e) {
      throw new UncheckedIOException("cannot list the processes: path=" + PROC, e.getCause());
    }
    return found;
  }

  boolean isWorker() {
    return WantedWorkers.isWorker(name);
  }

  private static Optional<String> name(List<String> words, Path root) {
    int data = words.indexOf("--data");
    if (data < 0 || data + 1 == words.size() || !words.get(data + 1).equals(root.toString())) {
      return Optional.empty();
    }
    return words.stream()
        .filter(word -> word.startsWith(Launcher.ROLE_OPTION))
        .map(word -> word.substring(Launcher.ROLE_OPTION.length()))
        .findFirst();
  }

  /** Empty if it is gone, or another user's. */
  private static List<String> commandLine(Path process) {
    try {
      if (!Files.getAttribute(process, "unix:uid").equals(Host.uid())) {
        return List.of();
      }
      byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
      return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }
}
