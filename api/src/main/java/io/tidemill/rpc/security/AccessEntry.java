package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Set;

/**
 * One line of the access file: a token, of which only the hash stands here, or a client
 * certificate's subject.
 *
 * @param id the public part of a token, by which it is found; "-" for a certificate
 * @param name for people: lists and the audit log have it
 * @param expires {@link Instant#MAX}: never
 * @param proof {@code sha256:HEX} of the whole token, or {@code subject:DN}
 */
public record AccessEntry(
    String id, String name, Set<AccessRole> roles, Instant expires, String proof) {
  static final String HASH = "sha256:";
  static final String SUBJECT = "subject:";
  static final String NO_ID = "-";
  private static final int FIELDS = 5;

  public AccessEntry {
    if (!name.matches("[A-Za-z0-9._@:/-]{1,64}")) {
      throw new IllegalArgumentException(
          "bad name: '" + name + "'; use 1 to 64 characters out of A-Z a-z 0-9 . _ @ : / -");
    }
    roles = Set.copyOf(roles);
  }

  /**
   * Reads what {@link #line} wrote.
   *
   * @throws IllegalArgumentException with a sentence that tells nothing of the line's proof
   */
  static AccessEntry parse(String line) {
    String[] fields = line.strip().split("\\s+", FIELDS);
    if (fields.length < FIELDS) {
      throw new IllegalArgumentException(
          "a line has an id, a name, roles, an expiry and a proof: fields=" + fields.length);
    }
    boolean hash = fields[4].matches(HASH + "[0-9a-f]{64}") && fields[0].matches("[0-9a-f]{16}");
    boolean subject = fields[4].startsWith(SUBJECT) && fields[0].equals(NO_ID);
    if (!hash && !subject) {
      throw new IllegalArgumentException(
          "neither a token's hash nor a certificate's subject: name=" + fields[1]);
    }
    return new AccessEntry(
        fields[0], fields[1], AccessRole.parse(fields[2]), expiry(fields[3]), fields[4]);
  }

  private static Instant expiry(String text) {
    if (text.equals("never")) {
      return Instant.MAX;
    }
    try {
      return Instant.parse(text);
    } catch (java.time.format.DateTimeParseException e) {
      throw new IllegalArgumentException(
          "not a time: '" + text + "'; write it as 2030-01-31T00:00:00Z, or never", e);
    }
  }

  /** When it expires, as people read it. */
  public String expiry() {
    return expires.equals(Instant.MAX) ? "never" : expires.toString();
  }

  public boolean isCertificate() {
    return proof.startsWith(SUBJECT);
  }

  /** Roles as {@code submit,work}, in a fixed order. */
  public String roleList() {
    return AccessRole.text(new java.util.TreeSet<>(roles), ",");
  }

  String line() {
    return String.join(" ", id, name, roleList(), expiry(), proof);
  }

  boolean isExpired(Instant now) {
    return !now.isBefore(expires);
  }
}
