package io.tidemill.rpc.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A token as {@code tidemill_ID_SECRET}: the id finds its line, the secret (256 random bits) is
 * what counts. With so much randomness a plain hash is as good as a slow one, and costs no call
 * anything. Has no text form of its own, so that none gets into a log by mistake.
 */
final class BearerToken {
  private static final String PREFIX = "tidemill_";
  private static final int ID_BYTES = 8;
  private static final int SECRET_BYTES = 32;
  private static final int LENGTH_MAX = 200;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String id;
  private final String text;

  private BearerToken(String id, String text) {
    this.id = id;
    this.text = text;
  }

  static BearerToken random() {
    byte[] id = new byte[ID_BYTES];
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(id);
    RANDOM.nextBytes(secret);
    String name = HexFormat.of().formatHex(id);
    String hidden = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    return new BearerToken(name, PREFIX + name + "_" + hidden);
  }

  /** Empty if it has not the form of one. */
  static Optional<BearerToken> parse(String text) {
    int idEnd = PREFIX.length() + 2 * ID_BYTES;
    boolean good =
        text.startsWith(PREFIX)
            && text.length() > idEnd + 1
            && text.length() <= LENGTH_MAX
            && text.charAt(idEnd) == '_';
    return good
        ? Optional.of(new BearerToken(text.substring(PREFIX.length(), idEnd), text))
        : Optional.empty();
  }

  String id() {
    return id;
  }

  /** The token itself: shown once, to whoever made it. */
  String reveal() {
    return text;
  }

  String proof() {
    return AccessEntry.HASH + HexFormat.of().formatHex(hash());
  }

  /** Takes the same time wherever the difference is. */
  boolean isProvenBy(AccessEntry entry) {
    return MessageDigest.isEqual(
        proof().getBytes(StandardCharsets.US_ASCII),
        entry.proof().getBytes(StandardCharsets.US_ASCII));
  }

  private byte[] hash() {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
