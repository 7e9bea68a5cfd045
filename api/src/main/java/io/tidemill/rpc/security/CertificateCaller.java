package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Whoever has shown, in the handshake, a certificate that was trusted then. Whether it still is is
 * asked again when the authorities change.
 */
final class CertificateCaller implements Caller {
  private final PeerCertificate shown;
  private final ReloadingTrust trust;
  private final Optional<AccessEntry> entry;
  private final Optional<Watched<AccessTable>> entries;
  private final Set<AccessRole> roles;

  CertificateCaller(
      PeerCertificate shown,
      ReloadingTrust trust,
      Optional<Watched<AccessTable>> entries,
      Set<AccessRole> rolesOtherwise) {
    this.shown = shown;
    this.trust = trust;
    this.entries = entries;
    this.entry = entries.map(table -> table.current().bySubject(shown.subject()));
    this.roles = entry.map(AccessEntry::roles).orElse(rolesOtherwise);
  }

  @Override
  public String who() {
    return "certificate:" + shown.subject();
  }

  @Override
  public Set<AccessRole> roles() {
    return roles;
  }

  @Override
  public Optional<Denial> lapsed(Instant now) {
    if (now.isAfter(shown.chain().get(0).getNotAfter().toInstant()) || isExpiredLine(now)) {
      return Optional.of(
          Denial.unauthenticated(
              "CERTIFICATE_EXPIRED",
              "the client certificate, or its line in the access file, has expired: subject="
                  + shown.subject()
                  + "; renew it",
              who()));
    }
    if (isLineGone() || !isTrusted()) {
      return Optional.of(
          Denial.unauthenticated(
              "CERTIFICATE_REVOKED",
              "the client certificate is trusted no longer: subject=" + shown.subject(),
              who()));
    }
    return Optional.empty();
  }

  private boolean isExpiredLine(Instant now) {
    return entry.filter(line -> line.isExpired(now)).isPresent();
  }

  private boolean isLineGone() {
    return entry.isPresent() && !entries.get().current().has(entry.get());
  }

  private boolean isTrusted() {
    return trust.isStillTrusted(shown.chain());
  }
}
