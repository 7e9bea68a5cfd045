package io.tidemill.shm.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** What the host says of itself. */
public final class Host {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** "true" where the virtual machine has to write something of its own at its end. */
  private static final String ORDERLY_EXIT = "tidemill.exit.orderly";

  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Host() {}

  /** The kernel's id of this boot, folded to 64 bits; another boot has another one. */
  public static long bootId() {
    try {
      UUID id = UUID.fromString(Files.readString(BOOT_ID, StandardCharsets.US_ASCII).trim());
      return id.getMostSignificantBits() ^ id.getLeastSignificantBits();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the boot id: path=" + BOOT_ID, e);
    }
  }

  /** The user that this process runs as. */
  public static int uid() {
    return Libc.getuid();
  }

  /** From now on, files that this process or a library in it makes are its user's alone. */
  public static void keepFilesPrivate() {
    Libc.umask(077);
  }

  /**
   * Ends this process at once: what it has printed is out, and no hook of the virtual machine runs.
   * That would wait for a third of a second for the threads of others that are in the kernel, as
   * those of a socket or of a child are. Does not return.
   *
   * @param status 0 to 255
   */
  public static void exit(int status) {
    System.out.flush();
    System.err.flush();
    if (!Boolean.getBoolean(ORDERLY_EXIT)) {
      Libc._exit(status);
    }
    Runtime.getRuntime().halt(status);
  }

  /** Sends a signal; false if there is no such process, or it is not ours. */
  public static boolean signal(int pid, int signal) {
    return pid > 0 && Libc.kill(pid, signal) == 0;
  }

  /**
   * From now on, what this process and its virtual machine print goes to the end of a file, and the
   * streams that they had are free.
   *
   * @throws IOException if it cannot be opened; nothing has changed then
   */
  public static void printTo(Path file) throws IOException {
    int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC;
    int fd = Libc.open(file.toString(), flags, 0600);
    if (fd < 0) {
      throw new IOException("cannot open a file to print to: path=" + file);
    }
    System.out.flush();
    System.err.flush();
    Libc.dup2(fd, STDOUT);
    Libc.dup2(fd, STDERR);
    Libc.close(fd);
  }

  /**
   * Writes to a descriptor that was inherited, and closes it; whether anybody read it is not known.
   */
  public static void tell(int descriptor, byte[] words) {
    Libc.write(descriptor, words, words.length);
    Libc.close(descriptor);
  }
}
