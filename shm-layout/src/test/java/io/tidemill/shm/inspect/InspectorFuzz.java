package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.region.RegionHeader.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Whatever stands in the mapped files, an inspection ends with a report or a refusal. The input is
 * a list of patches on a sound instance: which file, where (2 bytes, in eights), how many bytes,
 * the bytes.
 */
public final class InspectorFuzz {
  private static final int PATCH_HEADER = 4;
  private static final int PATCHES_MAX = 8;
  private static final int EIGHT = 8;
  private static final int BYTE = 0xFF;
  private static final Kind[] KINDS = Kind.values();

  private static final Path DATA = make();
  private static final Map<Kind, RandomAccessFile> FILES = open();

  private InspectorFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    apply(input, 0, 0);
  }

  /** Puts one patch on, the others and the inspection within it, and takes it off again. */
  private static void apply(byte[] input, int at, int patches) throws IOException {
    if (at + PATCH_HEADER > input.length || patches == PATCHES_MAX) {
      inspect();
      return;
    }
    RandomAccessFile file = FILES.get(KINDS[(input[at] & BYTE) % KINDS.length]);
    long where = ((input[at + 1] & BYTE) | (input[at + 2] & BYTE) << EIGHT) * (long) EIGHT;
    int wanted = input[at + PATCH_HEADER - 1] & BYTE;
    int length = Math.min(wanted, input.length - at - PATCH_HEADER);
    where %= file.length();
    length = (int) Math.min(length, file.length() - where);
    byte[] before = new byte[length];
    file.seek(where);
    file.readFully(before);
    file.seek(where);
    file.write(input, at + PATCH_HEADER, length);
    try {
      apply(input, at + PATCH_HEADER + length, patches + 1);
    } finally {
      file.seek(where);
      file.write(before);
    }
  }

  private static void inspect() throws IOException {
    try {
      InstanceReport report = Inspector.inspect(DATA, TestInstance.settings(DATA), 10, null);
      if (report.findings() == null || report.lanes().size() > 16) {
        throw new AssertionError("no report");
      }
    } catch (InstanceException refused) {
      if (!refused.getMessage().contains("=")) {
        throw new AssertionError("a refusal that does not say where", refused);
      }
    }
  }

  private static Path make() {
    Path data = FuzzFolder.make("inspector-fuzz").resolve("data");
    try (TestInstance instance = new TestInstance(data)) {
      instance.accept(0, -5);
      instance.accept(1, 9);
      instance.accept(2, 20);
      instance.enterWorker(3, "w1");
      instance.assign(2, 3);
      instance.regions().control().errors().record(io.tidemill.shm.region.Role.PLM, "on fire", 1);
      instance.regions().cancelNotes().write(instance.idOf(1), 0, 0, "not needed");
      FuzzFolder.clear(data.resolve("journal")); // Another target's matter, and most of the time.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return data;
  }

  private static Map<Kind, RandomAccessFile> open() {
    Map<Kind, RandomAccessFile> files = new EnumMap<>(Kind.class);
    try {
      for (Kind kind : KINDS) {
        Path file = DATA.resolve("shm").resolve(kind.fileName());
        files.put(kind, new RandomAccessFile(file.toFile(), "rw"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
