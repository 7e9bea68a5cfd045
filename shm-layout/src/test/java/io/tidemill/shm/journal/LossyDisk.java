package io.tidemill.shm.journal;

import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A disk that may lose what was not forced. It keeps account of a folder: of each file the content
 * at its last force and as it was seen since, of each folder the entries at its last force. A loss
 * of power leaves, of each file, any of its lengths and for each page of 4 KiB any of the contents
 * that it has had since the last force; of each folder any of the entries that came or went.
 *
 * <p>Renames are atomic, and a force covers what was there when it was called.
 */
public final class LossyDisk implements Disk.Sync, AutoCloseable {
  private static final int PAGE = 4096;
  private static final int CHUNK = 1 << 20;
  private static final int VERSIONS_MAX = 6;

  /** A file's content at one time, without the zeros at its end. */
  private static final class Version {
    private static final Version NONE = new Version(0, new byte[0]);
    private final long length;
    private final byte[] bytes;

    Version(long length, byte[] bytes) {
      this.length = length;
      this.bytes = bytes;
    }

    boolean isAs(Version other) {
      return length == other.length && Arrays.equals(bytes, other.bytes);
    }

    void copyPage(int page, byte[] to) {
      int from = page * PAGE;
      if (from < bytes.length) {
        System.arraycopy(bytes, from, to, 0, Math.min(PAGE, bytes.length - from));
      }
    }
  }

  /**
   * A file or folder, whatever its name; kept open, so that the kernel gives its number to none.
   */
  private static final class Node {
    private final FileChannel channel;
    private final boolean isFolder;
    private Version forced = Version.NONE;
    private final List<Version> since = new ArrayList<>();
    private final Map<String, Node> forcedEntries = new TreeMap<>();
    private final Map<String, Node> entries = new TreeMap<>();

    Node(FileChannel channel, boolean isFolder) {
      this.channel = channel;
      this.isFolder = isFolder;
    }
  }

  private final Path root;
  private final Set<String> ignored;
  private final Map<Object, Node> nodes = new HashMap<>();

  /**
   * Takes everything in a folder for being on the disk, and sees from now on what is forced.
   *
   * @param ignored names directly in the folder of what a boot loses anyway
   */
  public LossyDisk(Path root, Set<String> ignored) throws IOException {
    this.root = root.toRealPath();
    this.ignored = ignored;
    walk(this.root, node -> {});
    for (Node node : nodes.values()) {
      node.forcedEntries.putAll(node.entries);
      node.forced = node.isFolder ? Version.NONE : read(node);
      node.since.clear();
    }
    Disk.sync(this);
  }

  /** A folder in memory if there is room: what a force costs does not matter here. */
  public static Path temporary(Path otherwise) throws IOException {
    Path memory = Path.of("/dev/shm");
    boolean fits =
        Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() > 512L << 20;
    return Files.createTempDirectory(fits ? memory : otherwise, "tidemill-power-");
  }

  @Override
  public synchronized void file(Path file, FileChannel channel) throws IOException {
    Node node = node(file);
    Version now = read(node);
    channel.force(false);
    node.forced = now;
    node.since.clear();
  }

  @Override
  public synchronized void folder(Path folder) throws IOException {
    if (!folder.toRealPath().startsWith(root)) {
      return;
    }
    Node node = node(folder);
    list(folder, node);
    node.forcedEntries.clear();
    node.forcedEntries.putAll(node.entries);
  }

  /** The kernel may write back what is there now. */
  public synchronized void observe() throws IOException {
    walk(root, LossyDisk::see);
  }

  /** Makes a folder of what a loss of power at this moment might leave. */
  public synchronized void lose(Random random, Path target) throws IOException {
    observe();
    double keep = new double[] {0, 0.1, 0.5, 0.9, 1}[random.nextInt(5)];
    Files.createDirectory(target, Disk.PRIVATE_FOLDER);
    loseFolder(node(root), random, keep, target);
  }

  private void loseFolder(Node folder, Random random, double keep, Path target) throws IOException {
    Set<String> names = new TreeSet<>(folder.entries.keySet());
    names.addAll(folder.forcedEntries.keySet());
    for (String name : names) {
      Node now = folder.entries.get(name);
      Node forced = folder.forcedEntries.get(name);
      Node left = now == forced || random.nextDouble() < keep ? now : forced;
      if (left != null && left.isFolder) {
        Path to = Files.createDirectory(target.resolve(name), Disk.PRIVATE_FOLDER);
        loseFolder(left, random, keep, to);
      } else if (left != null) {
        loseFile(left, random, keep, target.resolve(name));
      }
    }
  }

  private static void loseFile(Node file, Random random, double keep, Path target)
      throws IOException {
    List<Version> versions = new ArrayList<>(file.since);
    Version last = versions.isEmpty() ? file.forced : versions.get(versions.size() - 1);
    long length = random.nextDouble() < keep ? last.length : file.forced.length;
    if (length != file.forced.length && random.nextInt(4) == 0) {
      length = file.forced.length + (long) (random.nextDouble() * (length - file.forced.length));
    }
    int bytes = last.bytes.length;
    for (Version version : versions) {
      bytes = Math.max(bytes, version.bytes.length);
    }
    bytes = Math.max(bytes, file.forced.bytes.length);
    try (FileChannel channel = Disk.create(target)) {
      byte[] page = new byte[PAGE];
      for (int at = 0; (long) at * PAGE < Math.min(bytes, length); at++) {
        Arrays.fill(page, (byte) 0);
        boolean written = !versions.isEmpty() && random.nextDouble() < keep;
        Version of = written ? versions.get(random.nextInt(versions.size())) : file.forced;
        of.copyPage(at, page);
        channel.write(
            ByteBuffer.wrap(page, 0, (int) Math.min(PAGE, length - (long) at * PAGE)),
            (long) at * PAGE);
      }
      if (channel.size() < length) {
        channel.write(ByteBuffer.allocate(1), length - 1);
      }
    }
  }

  @FunctionalInterface
  private interface Visit {
    void node(Node node) throws IOException;
  }

  private void walk(Path path, Visit visit) throws IOException {
    Node node = node(path);
    visit.node(node);
    if (node.isFolder) {
      list(path, node);
      for (String name : List.copyOf(node.entries.keySet())) {
        walk(path.resolve(name), visit);
      }
    }
  }

  private void list(Path folder, Node node) throws IOException {
    node.entries.clear();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (!folder.toRealPath().equals(root) || !ignored.contains(name)) {
          node.entries.put(name, node(child));
        }
      }
    } catch (NoSuchFileException e) {
      // Gone since.
    }
  }

  private static void see(Node node) throws IOException {
    if (node.isFolder) {
      return;
    }
    Version now = read(node);
    Version before = node.since.isEmpty() ? node.forced : node.since.get(node.since.size() - 1);
    if (!now.isAs(before)) {
      if (node.since.size() == VERSIONS_MAX) {
        node.since.remove(0);
      }
      node.since.add(now);
    }
  }

  private Node node(Path path) throws IOException {
    Object key = Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    return nodes.computeIfAbsent(
        key,
        k -> {
          try {
            return new Node(FileChannel.open(path, StandardOpenOption.READ), isFolder);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static Version read(Node node) throws IOException {
    long length = node.channel.size();
    byte[] bytes = new byte[0];
    int end = 0;
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (long at = 0; at < length; at += CHUNK) {
      chunk.clear();
      while (chunk.hasRemaining() && node.channel.read(chunk, at + chunk.position()) > 0) {}
      int used = usedBytes(chunk);
      if (used == 0) {
        break; // Files are written from their beginning.
      }
      bytes = Arrays.copyOf(bytes, (int) at + used);
      System.arraycopy(chunk.array(), 0, bytes, (int) at, used);
      end = (int) at + used;
    }
    return new Version(length, Arrays.copyOf(bytes, end));
  }

  private static int usedBytes(ByteBuffer chunk) {
    int used = chunk.position();
    while (used > 0 && chunk.get(used - 1) == 0) {
      used--;
    }
    return used;
  }

  @Override
  public synchronized void close() throws IOException {
    Disk.sync(null);
    for (Node node : nodes.values()) {
      node.channel.close();
    }
    nodes.clear();
  }
}
