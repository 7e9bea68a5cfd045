package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.region.TaskState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a client's ledger: {@code A <task>} for each acknowledgement, {@code R <task> <STATE>} for
 * each result that the client was told, {@code S <n>} for how many it submitted. A client that died
 * leaves a cut last line, which says nothing; what a later run appends to it makes one bad line,
 * which is counted.
 */
final class LedgerReader {
  private static final int ID_AT = 2;
  private static final int ID_END = 18;

  /** What is above is no count of submissions, and sums of what is below do not overflow. */
  private static final long SUBMITTED_MAX = 1L << 48;

  private final LedgerTasks tasks;
  private long submitted;
  private long acceptedHere;
  private long submittedHere;
  private long goodLines;
  private long badLines;

  LedgerReader(LedgerTasks tasks) {
    this.tasks = tasks;
  }

  /**
   * @throws InstanceException with a sentence for the user, if it is no ledger
   */
  void read(Path file) {
    acceptedHere = 0;
    submittedHere = 0;
    try {
      boolean whole = endsWithLine(file);
      // ISO 8859-1: any byte is a character, and a bad line is ours to judge.
      try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
        String line = reader.readLine();
        while (line != null) {
          String next = reader.readLine();
          if (next != null || whole) {
            take(line);
          }
          line = next;
        }
      }
    } catch (IOException e) {
      throw new InstanceException("cannot read the ledger: file=" + file + " cause=" + e, e);
    }
    if (badLines > 0 && goodLines == 0) {
      throw new InstanceException(
          "this is no ledger: file=" + file + "; name what --ledger of submit or load has written");
    }
    // A client that died wrote no S: then it submitted at least what was acknowledged.
    submitted += Math.max(submittedHere, acceptedHere);
  }

  long submitted() {
    return submitted;
  }

  long badLines() {
    return badLines;
  }

  private void take(String line) {
    if (understood(line)) {
      goodLines++;
    } else {
      badLines++;
    }
  }

  private boolean understood(String line) {
    if (line.length() < ID_AT + 1 || line.charAt(1) != ' ') {
      return false;
    }
    try {
      return switch (line.charAt(0)) {
        case 'A' -> line.length() == ID_END && acknowledged(id(line));
        case 'R' -> line.length() > ID_END + 1 && told(id(line), line.substring(ID_END + 1));
        case 'S' -> submitted(Long.parseLong(line.substring(ID_AT)));
        default -> false;
      };
    } catch (IllegalArgumentException e) { // no number, or no such state
      return false;
    }
  }

  private static long id(String line) {
    return Long.parseUnsignedLong(line, ID_AT, ID_END, 16);
  }

  private boolean acknowledged(long id) {
    acceptedHere += tasks.acknowledged(id) ? 1 : 0;
    return true;
  }

  private boolean told(long id, String state) {
    TaskState end = TaskState.valueOf(state);
    if (end.isEnd()) {
      tasks.told(id, end);
    }
    return end.isEnd();
  }

  private boolean submitted(long count) {
    if (count < 0 || count > SUBMITTED_MAX) {
      return false;
    }
    submittedHere = Math.min(SUBMITTED_MAX, submittedHere + count);
    return true;
  }

  private static boolean endsWithLine(Path file) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      if (open.length() == 0) {
        return true;
      }
      open.seek(open.length() - 1);
      return open.read() == '\n';
    }
  }
}
