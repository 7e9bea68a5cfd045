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
}
