package io.tidemill.replay;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a file, compressed with gzip or not, one at a time and of a limited length. Of a
 * compressed file that is cut off, the line that the cut goes through is not given: its last number
 * might have been a longer one.
 */
final class TraceLines implements AutoCloseable {
  static final int LENGTH_MAX = 4_096;
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final StringBuilder text = new StringBuilder();
  private long number;
  private String broken;

  TraceLines(Path file) throws IOException {
    this.in = open(file);
  }

  static InputStream open(Path file) throws IOException {
    BufferedInputStream plain = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      plain.mark(2);
      boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
      plain.reset();
      return gzip ? new BufferedInputStream(new GZIPInputStream(plain, BUFFER), BUFFER) : plain;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** The next line, cut at {@link #LENGTH_MAX} and one more; null: there is none. */
  String next() throws IOException {
    text.setLength(0);
    try {
      int c = in.read();
      if (c < 0) {
        return null;
      }
      number++;
      for (; c >= 0 && c != '\n'; c = in.read()) {
        if (text.length() <= LENGTH_MAX) {
          text.append((char) c);
        }
      }
    } catch (EOFException | ZipException e) {
      broken = e.getMessage() == null ? "unexpected end" : e.getMessage();
      return null;
    }
    // As bytes so far: UTF-8 is read, and what is none does no harm.
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
  }

  /** Of the line that was given last, from 1. */
  long number() {
    return number;
  }

  /** Why there is no next line although the file is not at its end; null: it is. */
  String broken() {
    return broken;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
