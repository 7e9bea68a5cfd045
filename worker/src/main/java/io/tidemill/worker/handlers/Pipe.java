package io.tidemill.worker.handlers;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads one of a program's outputs to its end, on a thread of its own, and keeps a limited part of
 * it: the first bytes, or the last ones. It reads on beyond that, so that the program is not held
 * up.
 */
final class Pipe {
  private final InputStream in;
  private final boolean keepTail;
  private final byte[] kept;
  private final Thread thread = new Thread(this::read, "tidemill-exec-pipe");
  private Runnable onOverflow = () -> {};
  private Lines lines = Lines.none();

  // Guarded by this.
  private int length;
  private boolean overflowed;

  Pipe(InputStream in, int bytesMax, boolean keepTail) {
    this.in = in;
    this.keepTail = keepTail;
    this.kept = new byte[bytesMax];
  }

  void onOverflow(Runnable action) {
    onOverflow = action;
  }

  /** They are told while they come. Before {@link #start}. */
  void tell(Lines to) {
    lines = to;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The end of the stream; not waited for longer than this, since a program may have given its
   * output to another one.
   */
  void await(long millis) throws InterruptedException {
    thread.join(millis);
  }

  private void read() {
    byte[] chunk = new byte[8 * 1024];
    try (in) {
      int count;
      while ((count = in.read(chunk)) >= 0) {
        lines.add(chunk, count);
        if (keep(chunk, count)) {
          onOverflow.run();
        }
      }
    } catch (IOException closed) {
      // The program is gone: what came is what there is.
    } finally {
      lines.end();
    }
  }

  /** True if the limit was passed by this. */
  private synchronized boolean keep(byte[] chunk, int count) {
    int room = kept.length - length;
    if (keepTail && count > room) {
      int drop = Math.min(length, count - room);
      System.arraycopy(kept, drop, kept, 0, length - drop);
      length -= drop;
      room += drop;
    }
    int from = keepTail ? Math.max(0, count - room) : 0;
    int taken = Math.min(room, count - from);
    System.arraycopy(chunk, from, kept, length, taken);
    length += taken;
    boolean first = !overflowed;
    overflowed |= !keepTail && taken < count;
    return overflowed && first;
  }

  synchronized boolean overflowed() {
    return overflowed;
  }

  synchronized ByteString content() {
    return ByteString.copyFrom(Arrays.copyOf(kept, length));
  }
}
