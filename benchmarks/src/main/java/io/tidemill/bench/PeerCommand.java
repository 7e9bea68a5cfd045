package io.tidemill.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A driver of another system: a command whose last line of output is tasks a second. */
record PeerCommand(String name, String command) {
  /** From {@code NAME=COMMAND}. */
  static final class Converter implements ITypeConverter<PeerCommand> {
    @Override
    public PeerCommand convert(String text) {
      int at = text.indexOf('=');
      if (at < 1 || at == text.length() - 1) {
        throw new TypeConversionException("--peer is NAME=COMMAND: value=" + text);
      }
      return new PeerCommand(text.substring(0, at), text.substring(at + 1));
    }
  }

  /** A round of each. */
  static void addAll(List<PeerCommand> peers, Report report)
      throws IOException, InterruptedException {
    for (PeerCommand peer : peers) {
      report.add(peer.name(), "tasks/s", peer.tasksPerSecond());
    }
  }

  /** Our figure over each of theirs; says so if there are none. */
  static void addRatios(List<PeerCommand> peers, Report report, String ours) {
    peers.forEach(peer -> report.addRatio("over " + peer.name(), ours, peer.name()));
    if (peers.isEmpty()) {
      report.note("No other system beside it: --peer NAME=COMMAND runs its driver in each round.");
    }
  }

  private double tasksPerSecond() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    int exit = process.waitFor();
    String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1).strip();
    if (exit != 0 || !last.matches("[0-9]+(\\.[0-9]+)?")) {
      throw new IOException(
          "a peer's driver is to end with 0 and a line that is a number: peer="
              + name
              + " exit="
              + exit
              + " last_line="
              + last);
    }
    return Double.parseDouble(last);
  }
}
