package io.tidemill.shm.os;

import com.sun.jna.Memory;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/** Sleeping on an int in memory that processes share, and waking who sleeps there (futex(2)). */
public final class Futex {
  private static final long FUTEX_WAIT = 0;
  private static final long FUTEX_WAKE = 1;
  private static final long SYS_FUTEX = Platform.isARM() ? 98 : 202;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final ThreadLocal<Pointer> TIMESPEC =
      ThreadLocal.withInitial(() -> new Memory(16));

  private Futex() {}

  /**
   * Sleeps while the int at {@code address} is {@code expected}: until woken, until the time is
   * over, or for no reason.
   *
   * @param nanos at most so long; not above 0 returns at once
   */
  public static void await(long address, int expected, long nanos) {
    if (nanos <= 0) {
      return;
    }
    Pointer timeout = TIMESPEC.get();
    timeout.setLong(0, nanos / NANOS_PER_SECOND);
    timeout.setLong(8, nanos % NANOS_PER_SECOND);
    Libc.syscall(SYS_FUTEX, address, FUTEX_WAIT, expected, Pointer.nativeValue(timeout), 0, 0);
  }

  /** Wakes everyone who sleeps there. */
  public static void wakeAll(long address) {
    Libc.syscall(SYS_FUTEX, address, FUTEX_WAKE, Integer.MAX_VALUE, 0, 0, 0);
  }
}
