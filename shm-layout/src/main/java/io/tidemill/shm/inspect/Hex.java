package io.tidemill.shm.inspect;

import java.util.HexFormat;

/** Ids as people and programs read them: 16 hexadecimal digits. */
final class Hex {
  private Hex() {}

  static String of(long value) {
    return HexFormat.of().toHexDigits(value);
  }
}
