package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A short text on its way into a record: kept as bytes, and not encoded again when the same string
 * is set again.
 */
final class Utf8Field {
  private final String name;
  private final int charactersMax;
  private final int bytesMax;
  private String text = "";
  private byte[] bytes;
  private int length;

  /** A text of at most so many characters (code points) and bytes; the name is for errors. */
  Utf8Field(String name, int charactersMax, int bytesMax) {
    this.name = name;
    this.charactersMax = charactersMax;
    this.bytesMax = bytesMax;
    this.bytes = new byte[Math.min(bytesMax, 256)];
  }

  /** Takes a text, which must be within the limits. */
  @SuppressWarnings(
      "ReferenceEquality") // A fast path: equal texts in two strings are just encoded again.
  void set(String value) {
    if (Objects.requireNonNull(value, name) == text) {
      return;
    }
    if (!setAscii(value)) {
      setUnicode(value);
    }
    text = value;
  }

  int length() {
    return length;
  }

  /** Writes the bytes and returns where they end. */
  int put(ByteBuffer target, int at) {
    target.put(at, bytes, 0, length);
    return at + length;
  }

  private boolean setAscii(String value) {
    int size = value.length();
    if (size > bytes.length || size > charactersMax) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        return false;
      }
      bytes[i] = (byte) c;
    }
    length = size;
    return true;
  }

  private void setUnicode(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    int characters = value.codePointCount(0, value.length());
    if (characters > charactersMax || encoded.length > bytesMax) {
      // The bytes of the old text may be gone already: set() of that string must not find it.
      text = null;
      throw new IllegalArgumentException(
          "text too long for a record: field="
              + name
              + " characters="
              + characters
              + " bytes="
              + encoded.length
              + "; at most "
              + charactersMax
              + " characters and "
              + bytesMax
              + " bytes");
    }
    bytes = encoded.length > bytes.length ? encoded : copied(encoded);
    length = encoded.length;
  }

  private byte[] copied(byte[] encoded) {
    System.arraycopy(encoded, 0, bytes, 0, encoded.length);
    return bytes;
  }
}
