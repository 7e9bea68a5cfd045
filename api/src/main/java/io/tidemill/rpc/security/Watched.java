package io.tidemill.rpc.security;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read from files, and is read anew when they change. What cannot be read leaves what was
 * there: a half-written certificate must not end a service.
 */
final class Watched<T> {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.security");

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  @FunctionalInterface
  interface Loader<T> {
    /** Throws with a sentence that names the file, and no secret. */
    T load() throws IOException, GeneralSecurityException;
  }

  private final String what;
  private final List<Path> files;
  private final Loader<T> loader;
  private final AtomicLong generation = new AtomicLong();
  private final AtomicLong lookedNanos = new AtomicLong(System.nanoTime());
  private List<PrivateFile.Stamp> stamps;
  private volatile T value;

  /**
   * @throws IOException if it cannot be read the first time
   */
  Watched(String what, List<Path> files, Loader<T> loader) throws IOException {
    this.what = what;
    this.files = List.copyOf(files);
    this.loader = loader;
    this.stamps = stampsNow();
    try {
      value = loader.load();
    } catch (GeneralSecurityException e) {
      throw new IOException(broken(e), e);
    } catch (IOException e) {
      throw new IOException(broken(e), e);
    }
  }

  /** As it was read last. */
  T current() {
    return value;
  }

  /** Counts the times that it was read anew. */
  long generation() {
    return generation.get();
  }

  /** As the files have it now, if they can be read. */
  T refreshed() {
    List<PrivateFile.Stamp> now = stampsNow();
    synchronized (this) {
      if (!now.equals(stamps)) {
        stamps = now;
        reload();
      }
    }
    return value;
  }

  /** As the files had it a moment ago: for what is asked for with each call. */
  T recent() {
    long now = System.nanoTime();
    long before = lookedNanos.get();
    boolean due = now - before >= LOOK_NANOS;
    return due && lookedNanos.compareAndSet(before, now) ? refreshed() : value;
  }

  private void reload() {
    try {
      value = loader.load();
      generation.incrementAndGet();
      LOG.info("read anew: what={} files={}", what, files);
    } catch (IOException | GeneralSecurityException e) {
      LOG.error("{}; what was read before stays in force", broken(e));
    }
  }

  private String broken(Exception e) {
    return "cannot use " + what + ": files=" + files + " cause=" + e.getMessage();
  }

  private List<PrivateFile.Stamp> stampsNow() {
    return files.stream().map(PrivateFile::stamp).toList();
  }
}
