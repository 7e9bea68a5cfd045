package io.tidemill.rpc.security;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How connections are encrypted: TLS 1.3 or 1.2 with the cipher suites of HTTP/2, by BoringSSL
 * where its native library loads, else by the JDK.
 */
final class Tls {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private Tls() {}

  /**
   * @throws IOException with a sentence, if the files are not what they should be
   */
  static Watched<TlsIdentity> identity(Path certificate, Path key) throws IOException {
    return new Watched<>(
        "the certificate and its key",
        List.of(certificate, key),
        () -> TlsIdentity.load(certificate, key));
  }

  /**
   * Asks for a client's certificate if there is somebody to judge it by. That one is there is asked
   * for later, call by call, where the answer can say what is missing.
   */
  static SslContext server(Watched<TlsIdentity> identity, Optional<ReloadingTrust> clients)
      throws IOException {
    SslContextBuilder builder =
        GrpcSslContexts.configure(SslContextBuilder.forServer(new ReloadingKeys(identity)))
            .protocols(PROTOCOLS);
    clients.ifPresent(trust -> builder.trustManager(trust).clientAuth(ClientAuth.OPTIONAL));
    return builder.build();
  }

  /**
   * @param authorities whom to trust; empty: those that this Java trusts
   * @param identity what to show if the server asks for it
   */
  static SslContext client(Optional<Path> authorities, Optional<Watched<TlsIdentity>> identity)
      throws IOException {
    SslContextBuilder builder = GrpcSslContexts.forClient().protocols(PROTOCOLS);
    if (authorities.isPresent()) {
      builder.trustManager(new ReloadingTrust(authorities.get(), (shown, why) -> {}));
    }
    if (identity.isPresent()) {
      builder.keyManager(new ReloadingKeys(identity.get()));
    }
    return builder.build();
  }
}
