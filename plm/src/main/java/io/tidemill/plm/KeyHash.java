package io.tidemill.plm;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What a {@link KeyMap} knows a text by: 128 bits of SHA-256, fixed in length, so that the map's
 * room is known, and nobody finds two alike. For one thread.
 */
final class KeyHash {
  private final MessageDigest digest = sha256();

  byte[] of(String text) {
    byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
    return Arrays.copyOf(hash, KeyMap.KEY_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
