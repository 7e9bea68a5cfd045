package io.tidemill.cli.wordcount;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes behind white space, so that no word is split and the chunks put together
 * are the input. White space is what it is in ASCII: a byte that is also a whole UTF-8 character,
 * and that every notion of a word ends at.
 */
public final class Chunker {
  private final InputStream in;
  private final int bytesMax;
  private final int wordBytesMax;
  private byte[] buffer;
  private int filled;
  private boolean atEnd;

  /**
   * @param bytesMax a chunk has at most so many bytes, unless one word is longer
   * @param wordBytesMax a longer word is an error
   */
  public Chunker(InputStream in, int bytesMax, int wordBytesMax) {
    this.in = in;
    this.bytesMax = bytesMax;
    this.wordBytesMax = wordBytesMax;
    this.buffer = new byte[bytesMax];
  }

  /** The next chunk, or null at the end of the input. */
  public ByteString next() throws IOException {
    fill();
    int length = filled <= bytesMax && atEnd ? filled : cut();
    while (length == 0 && !atEnd) {
      grow();
      fill();
      length = cut();
    }
    length = length == 0 ? filled : length;
    return length == 0 ? null : take(length);
  }

  private void fill() throws IOException {
    while (!atEnd && filled < buffer.length) {
      int read = in.read(buffer, filled, buffer.length - filled);
      if (read < 0) {
        atEnd = true;
      } else {
        filled += read;
      }
    }
  }

  /**
   * Behind the last white space that the chunk has room for, else behind the first one at all; 0:
   * there is none.
   */
  private int cut() {
    for (int i = Math.min(filled, bytesMax) - 1; i >= 0; i--) {
      if (isSpace(buffer[i])) {
        return i + 1;
      }
    }
    for (int i = bytesMax; i < filled; i++) {
      if (isSpace(buffer[i])) {
        return i + 1;
      }
    }
    return 0;
  }

  private void grow() throws IOException {
    if (buffer.length >= wordBytesMax) {
      throw new IOException("a word is longer than " + wordBytesMax + " bytes");
    }
    buffer = Arrays.copyOf(buffer, Math.min(wordBytesMax, buffer.length * 2));
  }

  private ByteString take(int length) {
    ByteString chunk = ByteString.copyFrom(buffer, 0, length);
    System.arraycopy(buffer, length, buffer, 0, filled - length);
    filled -= length;
    return chunk;
  }

  public static boolean isSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }
}
