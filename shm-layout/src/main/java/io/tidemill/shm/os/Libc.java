package io.tidemill.shm.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/** The calls of the C library that we need, by JNA direct mapping. Linux, 64 bit. */
final class Libc {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_APPEND = 0x400;
  static final int O_CLOEXEC = 0x80000;

  static {
    Native.register(Libc.class, NativeLibrary.getInstance(Platform.C_LIBRARY_NAME));
  }

  private Libc() {}

  static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  static native int open(String path, int flags, int mode);

  static native int close(int fd);

  static native int dup2(int from, int to);

  static native long write(int fd, byte[] bytes, long length);

  static native int fcntl(int fd, int command, Pointer argument);

  /** Returns 0 or the error number itself. */
  static native int posix_fallocate(int fd, long offset, long length);

  static native int madvise(long address, long length, int advice);

  static native int sync_file_range(int fd, long offset, long length, int flags);

  /** Returns 0 or the error number itself. */
  static native int posix_fadvise(int fd, long offset, long length, int advice);

  static native int kill(int pid, int signal);

  static native int getuid();

  static native int umask(int mask);

  static native void _exit(int status);
}
