package io.tidemill.rpc.security;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The file that says who may call: a line a token or certificate, never a token itself. Changed by
 * a whole new file in its place, so that a reader, and a crash, find the old one or the new one.
 */
public final class AccessFile {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final String HEADER =
      "# Who may call. One a line: id, name, roles, expiry, proof. Made by `tidemill token`.";

  private final Path file;

  public AccessFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  /**
   * The entries, in their order.
   *
   * @throws IOException with a sentence that names the file, and the line if one is wrong
   */
  public List<AccessEntry> read() throws IOException {
    PrivateFile.checkOursAlone(file);
    String text = new String(PrivateFile.read(file), StandardCharsets.UTF_8);
    List<AccessEntry> entries = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        entries.add(parse(line, number));
      }
    }
    return entries;
  }

  private AccessEntry parse(String line, int number) throws IOException {
    try {
      return AccessEntry.parse(line);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "bad line: path=" + file + " line=" + number + " cause=" + e.getMessage(), e);
    }
  }

  /**
   * Makes a token.
   *
   * @return the token, which stands nowhere else from now on
   */
  public String create(String name, Set<AccessRole> roles, Instant expires) throws IOException {
    BearerToken token = BearerToken.random();
    add(new AccessEntry(token.id(), name, roles, expires, token.proof()));
    return token.reveal();
  }

  /** Gives roles to whoever has a trusted certificate with this subject, as RFC 2253 writes it. */
  public void admit(String name, Set<AccessRole> roles, Instant expires, String subject)
      throws IOException {
    String one = subject.strip();
    if (one.isEmpty() || one.contains("\n")) {
      throw new IllegalArgumentException(
          "bad subject: '" + subject + "'; write it as CN=worker-1,O=Example");
    }
    add(new AccessEntry(AccessEntry.NO_ID, name, roles, expires, AccessEntry.SUBJECT + one));
  }

  private void add(AccessEntry added) throws IOException {
    try (FileChannel channel = lock();
        FileLock held = channel.lock()) {
      List<AccessEntry> entries = new ArrayList<>(exists() ? read() : List.of());
      if (entries.stream().anyMatch(entry -> entry.name().equals(added.name()))) {
        throw new IllegalArgumentException(
            "the name is taken: name=" + added.name() + "; revoke it first, or choose another");
      }
      entries.add(added);
      write(entries);
    }
  }

  /** Takes an entry out; false if there is none of this name. */
  public boolean revoke(String name) throws IOException {
    try (FileChannel channel = lock();
        FileLock held = channel.lock()) {
      List<AccessEntry> entries = new ArrayList<>(exists() ? read() : List.of());
      boolean found = entries.removeIf(entry -> entry.name().equals(name));
      if (found) {
        write(entries);
      }
      return found;
    }
  }

  public boolean exists() {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** One change at a time; of a file of its own, since the file proper is replaced. */
  private FileChannel lock() throws IOException {
    return FileChannel.open(
        file.resolveSibling(file.getFileName() + ".lock"),
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
        PRIVATE);
  }

  private void write(List<AccessEntry> entries) throws IOException {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    entries.forEach(entry -> text.append(entry.line()).append('\n'));
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel channel =
        FileChannel.open(
            draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
