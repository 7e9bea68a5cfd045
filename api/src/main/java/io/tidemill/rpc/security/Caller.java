package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Who calls, found out once for each call; asked again while a long one goes on. */
interface Caller {
  /** For the audit log: a name, never a secret. */
  String who();

  Set<AccessRole> roles();

  /** Why this caller may not go on, if so: what was shown expired or was taken back. */
  Optional<Denial> lapsed(Instant now);

  /** Whether one of these roles is there. */
  default boolean has(Set<AccessRole> any) {
    return roles().contains(AccessRole.ADMIN) || roles().stream().anyMatch(any::contains);
  }
}
