package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import io.tidemill.shm.journal.CycleScan.End;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes as a cycle's file. The first byte says how: bit 0, that checksums are made to hold
 * wherever a record seems to begin, which no fuzzer finds by itself; bit 1, that the writer is
 * trusted to live; the others, from which record on it is gone through once more.
 */
public final class CycleFuzz {
  private static final int SEALED_CHECKSUMS = 1;
  private static final int TRUSTING = 2;

  private CycleFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] file = Arrays.copyOfRange(input, 1, input.length);
    if ((input[0] & SEALED_CHECKSUMS) != 0) {
      ShownRecord.seal(file, 1);
    }
    boolean trusting = (input[0] & TRUSTING) != 0;
    List<Long> shown = new ArrayList<>();
    CycleScan scan = scan(file, 0, trusting, shown);
    End end = scan.run();
    require(scan.document() >= 0, "a document before the file");
    require(scan.records() == shown.size(), "more or fewer records than were counted");
    boolean flawed = end == End.TORN || end == End.DAMAGED;
    require(!flawed || scan.flaw() >= 0, "a flaw before the file");
    if (!shown.isEmpty()) {
      int from = ((input[0] & 0xFF) >>> 2) % shown.size();
      List<Long> rest = new ArrayList<>();
      scan(file, Position.offset(shown.get(from)), trusting, rest).run();
      require(rest.equals(shown.subList(from, shown.size())), "another rest from a record on");
    }
    if (end == End.DAMAGED) {
      int before = shown.size();
      scan.showRest();
      require(shown.size() > before, "damage, and no record behind it");
    }
    for (int i = 1; i < shown.size(); i++) {
      require(shown.get(i - 1) < shown.get(i), "positions do not rise");
    }
  }

  private static CycleScan scan(byte[] file, long from, boolean trusting, List<Long> shown) {
    Windows windows = HeapFile.windows(file);
    RecordVisitor visitor =
        view -> {
          ShownRecord.check(view, file.length);
          shown.add(view.position());
        };
    return new CycleScan(windows, new Frames(windows), visitor, 1, 0, from, trusting);
  }
}
