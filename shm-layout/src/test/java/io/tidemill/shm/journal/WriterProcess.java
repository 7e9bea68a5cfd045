package io.tidemill.shm.journal;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A journal's writer in a JVM of its own, so that it can be killed. It appends samples in runs of
 * changing length and says in a mapped file how many of them are committed, and how long its
 * opening took.
 */
final class WriterProcess implements AutoCloseable {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int PROGRESS_LENGTH = 2 * Long.BYTES;
  private static final int OPENING_NANOS = Long.BYTES;

  private final Process process;
  private final ByteBuffer progress;

  /** Starts a writer of the samples in {@code from <= number < to}. */
  WriterProcess(Path folder, Path progressFile, long from, long to) throws IOException {
    progress = map(progressFile);
    LONG.setRelease(progress, 0, from);
    LONG.setRelease(progress, OPENING_NANOS, 0L);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(WriterProcess.class.getName());
    command.add(folder.toString());
    command.add(progressFile.toString());
    command.add(Long.toString(from));
    command.add(Long.toString(to));
    process = new ProcessBuilder(command).inheritIO().start();
  }

  /** All samples below this are committed. */
  long committed() {
    return (long) LONG.getAcquire(progress, 0);
  }

  long openingNanos() {
    return (long) LONG.getAcquire(progress, OPENING_NANOS);
  }

  boolean alive() {
    return process.isAlive();
  }

  /** SIGKILL, and until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    ByteBuffer progress = map(Path.of(args[1]));
    long next = Long.parseLong(args[2]);
    long end = Long.parseLong(args[3]);
    long begun = System.nanoTime();
    try (Journal journal = ChronicleJournal.open(Samples.small(Path.of(args[0])))) {
      LONG.setRelease(progress, OPENING_NANOS, System.nanoTime() - begun);
      while (next < end) {
        int count = (int) Math.min(end - next, 1 + next * 7 % 60);
        Samples.append(journal, next, count);
        next += count;
        LONG.setRelease(progress, 0, next);
      }
      journal.force();
    }
  }

  private static ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel
          .map(FileChannel.MapMode.READ_WRITE, 0, PROGRESS_LENGTH)
          .order(ByteOrder.nativeOrder());
    }
  }
}
