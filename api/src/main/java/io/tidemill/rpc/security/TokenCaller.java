package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Whoever has shown a token. */
record TokenCaller(AccessEntry entry, Watched<AccessTable> entries) implements Caller {
  @Override
  public String who() {
    return who(entry);
  }

  static String who(AccessEntry entry) {
    return "token:" + entry.name();
  }

  @Override
  public Set<AccessRole> roles() {
    return entry.roles();
  }

  @Override
  public Optional<Denial> lapsed(Instant now) {
    if (entry.isExpired(now)) {
      return Optional.of(
          Denial.unauthenticated(
              "TOKEN_EXPIRED",
              "the token has expired: name="
                  + entry.name()
                  + " expired="
                  + entry.expiry()
                  + "; ask the instance's owner for another",
              who()));
    }
    if (!entries.current().has(entry)) {
      return Optional.of(
          Denial.unauthenticated(
              "TOKEN_REVOKED",
              "the token was revoked: name="
                  + entry.name()
                  + "; ask the instance's owner for another",
              who()));
    }
    return Optional.empty();
  }
}
