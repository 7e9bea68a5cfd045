package io.tidemill.shm.journal;

import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What is known for certain of a journal, in the file {@code forced} of its folder: everything
 * below a position is on the disk. What is missing or damaged there is a fault of the disk; behind
 * it, it is what a loss of power leaves.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 0
 *  |                        Magic TDFORCED                         |
 *  +---------------------------------------------------------------+ 8
 *  |               Count of writings, the higher wins              |
 *  +---------------------------------------------------------------+ 16
 *  |                Boot that the journal was written in           |
 *  +---------------------------------------------------------------+ 24
 *  |             Position below which all is on the disk           |
 *  +---------------------------------------------------------------+ 32
 *  |     Sequence up to which all of this journal is below that    |
 *  +---------------------------------------------------------------+ 40
 *  |                  Oldest cycle that is kept                    |
 *  +---------------------------------------------------------------+ 48
 *  |            Cycle from which on this file kept account         |
 *  +---------------------------------------------------------------+ 56
 *  |                    CRC32C of what is before                   |
 *  +---------------------------------------------------------------+ 64
 * </pre>
 *
 * <p>The file has two of these, in sectors of their own, written in turn: a write that is torn
 * leaves the other. The writing process alone writes it, after the force that it tells of; it is
 * itself on the disk some time later, which only makes it claim less.
 */
final class ForcedMark implements AutoCloseable {
  static final String NAME = "forced";

  private static final long MAGIC = 0x4445_4352_4F46_4454L;
  private static final int SECTOR = 512;
  private static final int COPIES = 2;
  private static final int FIELDS_LENGTH = 56;
  private static final int LENGTH = FIELDS_LENGTH + Long.BYTES;
  private static final int FILE_LENGTH = 4096;

  /**
   * What the file says.
   *
   * @param count of writings
   * @param boot that the journal was written in last
   * @param forced everything below this position is on the disk
   * @param sequence every record of this journal up to this one stands below that position
   * @param firstCycle older ones were deleted on purpose: what is found of them is nothing
   * @param since cycles before it were written without this account: by an older release, or they
   *     come from a backup
   */
  record State(long count, long boot, long forced, long sequence, int firstCycle, int since) {
    /** Of a journal whose cycles so far are {@code firstCycle} to before {@code since}. */
    static State fresh(long boot, int firstCycle, int since) {
      return new State(1, boot, 0, 0, firstCycle, since);
    }

    State next(long newForced, long newSequence) {
      return new State(
          count + 1,
          boot,
          Math.max(forced, newForced),
          Math.max(sequence, newSequence),
          firstCycle,
          since);
    }

    State inBoot(long newBoot) {
      return new State(count + 1, newBoot, forced, sequence, firstCycle, since);
    }

    State from(int cycle) {
      return new State(count + 1, boot, forced, sequence, Math.max(firstCycle, cycle), since);
    }
  }

  private final Path file;
  private final FileChannel channel;
  private State state;

  private ForcedMark(Path file, FileChannel channel, State state) {
    this.file = file;
    this.channel = channel;
    this.state = state;
  }

  /** Opens a journal's mark for writing. It must be there. */
  static ForcedMark open(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    State state = read(folder).orElseThrow(() -> new NoSuchFileException(file.toString()));
    return new ForcedMark(file, Disk.open(file), state);
  }

  /**
   * What a journal's mark says; empty: there is none.
   *
   * @throws JournalFailure if neither copy is whole, which no crash leaves
   */
  static Optional<State> read(Path folder) {
    Path file = folder.resolve(NAME);
    ByteBuffer bytes = ByteBuffer.allocate(COPIES * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new JournalFailure("cannot read a journal's mark: cause=" + e, e);
    }
    State newest = null;
    for (int copy = 0; copy < COPIES; copy++) {
      State found = decode(bytes, copy * SECTOR);
      if (found != null && (newest == null || found.count() > newest.count())) {
        newest = found;
      }
    }
    if (newest == null) {
      throw new JournalFailure(
          "the file that says how far a journal is forced is damaged: file="
              + file
              + " offset=0; look at what `tidemill repair` says");
    }
    return Optional.of(newest);
  }

  /** The same for a repair, which does without what is not whole. */
  static Optional<State> readIfSound(Path folder) {
    try {
      return read(folder);
    } catch (JournalFailure e) {
      return Optional.empty();
    }
  }

  /** Makes a journal's mark, or makes it anew: on the disk when this returns. */
  static void write(Path folder, State state) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(FILE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    for (int copy = 0; copy < COPIES; copy++) {
      bytes.put(copy * SECTOR, encode(state).array());
    }
    Disk.replace(folder.resolve(NAME), bytes.array());
  }

  State state() {
    return state;
  }

  /** Writes the other copy; what the file says is on the disk after {@link #force}. */
  void set(State next) throws IOException {
    ByteBuffer bytes = encode(next);
    long at = next.count() % COPIES * SECTOR;
    while (bytes.hasRemaining()) {
      channel.write(bytes, at + bytes.position());
    }
    state = next;
  }

  void force() throws IOException {
    Disk.force(file, channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static ByteBuffer encode(State state) {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    bytes
        .putLong(MAGIC)
        .putLong(state.count())
        .putLong(state.boot())
        .putLong(state.forced())
        .putLong(state.sequence())
        .putLong(state.firstCycle())
        .putLong(state.since());
    bytes.putLong(checksum(bytes, 0));
    return bytes.flip();
  }

  /** Null: it is not whole. */
  private static State decode(ByteBuffer bytes, int at) {
    boolean whole =
        bytes.getLong(at) == MAGIC && bytes.getLong(at + FIELDS_LENGTH) == checksum(bytes, at);
    return whole
        ? new State(
            bytes.getLong(at + 8),
            bytes.getLong(at + 16),
            bytes.getLong(at + 24),
            bytes.getLong(at + 32),
            (int) bytes.getLong(at + 40),
            (int) bytes.getLong(at + 48))
        : null;
  }

  private static long checksum(ByteBuffer bytes, int at) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().limit(at + FIELDS_LENGTH).position(at));
    return crc.getValue();
  }
}
