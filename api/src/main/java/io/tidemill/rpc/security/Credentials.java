package io.tidemill.rpc.security;

import io.grpc.Attributes;
import io.grpc.Metadata;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out who calls, by what the call and its connection show. A token goes before a certificate;
 * a wrong one is refused even so.
 */
final class Credentials {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  static final String BEARER = "Bearer ";

  private final Optional<Watched<AccessTable>> entries;
  private final Optional<ReloadingTrust> trust;
  private final boolean certificateRequired;
  private final Set<AccessRole> certificateRoles;

  /**
   * @param entries the access file's; empty: there are no tokens
   * @param trust who judges clients' certificates; empty: they are not asked for
   * @param certificateRoles of a certificate that no line of the access file names
   */
  Credentials(
      Optional<Watched<AccessTable>> entries,
      Optional<ReloadingTrust> trust,
      boolean certificateRequired,
      Set<AccessRole> certificateRoles) {
    this.entries = entries;
    this.trust = trust;
    this.certificateRequired = certificateRequired;
    this.certificateRoles = certificateRoles;
  }

  /** Thrown without a trace: it is an answer. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Denial denial;

    Refused(Denial denial) {
      super(denial.sentence(), null, false, false);
      this.denial = denial;
    }

    Denial denial() {
      return denial;
    }
  }

  Caller identify(Attributes connection, Metadata headers, Instant now) throws Refused {
    Optional<CertificateCaller> certificate = certificate(connection);
    if (certificateRequired && certificate.isEmpty()) {
      throw new Refused(
          Denial.unauthenticated(
              "CERTIFICATE_MISSING",
              "a client certificate is missing: this server wants one on every connection; name"
                  + " it and its key (TIDEMILL_CERTIFICATE and TIDEMILL_KEY)",
              Denial.NOBODY));
    }
    String header = headers.get(AUTHORIZATION);
    Caller caller = header != null ? token(header) : certificate.orElse(null);
    if (caller == null) {
      throw new Refused(nothing());
    }
    refuseIfLapsed(caller, now);
    if (certificateRequired && caller != certificate.get()) {
      refuseIfLapsed(certificate.get(), now);
    }
    return caller;
  }

  private static void refuseIfLapsed(Caller caller, Instant now) throws Refused {
    Optional<Denial> lapsed = caller.lapsed(now);
    if (lapsed.isPresent()) {
      throw new Refused(lapsed.get());
    }
  }

  private Denial nothing() {
    String ways =
        (entries.isPresent() ? "a bearer token (TIDEMILL_TOKEN_FILE or --token-file)" : "")
            + (entries.isPresent() && trust.isPresent() ? " or " : "")
            + (trust.isPresent() ? "a client certificate (TIDEMILL_CERTIFICATE and _KEY)" : "");
    return Denial.unauthenticated(
        entries.isPresent() ? "TOKEN_MISSING" : "CERTIFICATE_MISSING",
        "no credentials came with the call: this server wants " + ways,
        Denial.NOBODY);
  }

  private Caller token(String header) throws Refused {
    boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    Optional<BearerToken> token =
        bearer ? BearerToken.parse(header.substring(BEARER.length()).strip()) : Optional.empty();
    AccessEntry entry =
        token.isPresent() && entries.isPresent()
            ? entries.get().current().byTokenId(token.get().id())
            : null;
    if (entry == null || !token.get().isProvenBy(entry)) {
      throw new Refused(
          Denial.unauthenticated(
              "TOKEN_UNKNOWN",
              "the token is not known, or no longer: ask the instance's owner for another",
              entry == null ? Denial.NOBODY : "not " + TokenCaller.who(entry)));
    }
    return new TokenCaller(entry, entries.get());
  }

  private Optional<CertificateCaller> certificate(Attributes connection) {
    PeerCertificate shown = connection.get(PeerCertificate.KEY);
    return shown == null || trust.isEmpty()
        ? Optional.empty()
        : Optional.of(new CertificateCaller(shown, trust.get(), entries, certificateRoles));
  }
}
