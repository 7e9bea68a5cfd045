package io.tidemill.rpc.security;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an instance's settings say of who may connect.
 *
 * @param certificate with {@code key}: TLS; empty: none
 * @param clientAuthorities by whom clients' certificates are judged; empty: none are asked for
 * @param clientsMust show a certificate, all of them
 * @param certificateRoles of certificates that no line of the access file names
 * @param accessFile with the tokens; empty: there are none
 * @param unix whether sockets in the instance's folder are listened on
 * @param tcp whether the port is listened on
 */
record SecuritySettings(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> clientAuthorities,
    boolean clientsMust,
    Set<AccessRole> certificateRoles,
    Optional<Path> accessFile,
    boolean audit,
    int auditFilesMax,
    boolean unix,
    boolean tcp) {

  static SecuritySettings of(Map<String, String> settings, Path data) {
    String auth = settings.get("tls.client.auth");
    boolean asked = !auth.equals("none");
    Optional<Path> certificate = path(settings, "tls.certificate", data);
    Optional<Path> access = path(settings, "tokens.file", data);
    boolean secured = certificate.isPresent() || access.isPresent();
    String roles = settings.get("tls.client.roles");
    return new SecuritySettings(
        certificate,
        path(settings, "tls.key", data),
        asked ? path(settings, "tls.client.ca", data) : Optional.empty(),
        auth.equals("required"),
        roles.isEmpty() ? EnumSet.noneOf(AccessRole.class) : AccessRole.parse(roles),
        access,
        isOn(settings.get("audit"), secured),
        Integer.parseInt(settings.get("audit.files.max")),
        UnixSockets.isOn(settings, secured),
        !settings.get("bind.unix").equals("only"));
  }

  private static boolean isOn(String value, boolean automatic) {
    return value.equals("on") || (value.equals("auto") && automatic);
  }

  /** Relative ones are the instance's folder's. */
  private static Optional<Path> path(Map<String, String> settings, String key, Path data) {
    String value = settings.get(key);
    return value.isEmpty() ? Optional.empty() : Optional.of(data.resolve(value));
  }

  boolean isTls() {
    return certificate.isPresent();
  }

  /** Whether callers over the network are asked who they are. */
  boolean asksForCredentials() {
    return accessFile.isPresent() || clientAuthorities.isPresent();
  }
}
