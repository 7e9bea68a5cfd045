package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whom nothing is asked of. */
enum UnaskedCaller implements Caller {
  /** Over a socket in the instance's own folder, which nobody but its owner can reach. */
  LOCAL,

  /** On loopback, where no credentials were configured. */
  ANYONE;

  @Override
  public String who() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Set<AccessRole> roles() {
    return Set.of(AccessRole.values());
  }

  @Override
  public Optional<Denial> lapsed(Instant now) {
    return Optional.empty();
  }
}
