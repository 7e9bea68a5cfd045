package io.tidemill.rpc.security;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/** What a connection's other end showed in the handshake: looked up once for each connection. */
record PeerCertificate(List<X509Certificate> chain, String subject) {
  static final Attributes.Key<PeerCertificate> KEY = Attributes.Key.create("peer-certificate");

  static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
  }

  /** Notes it with the connection. */
  static final class Filter extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes connection) {
      SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      if (session == null) {
        return connection;
      }
      try {
        List<X509Certificate> chain = chain(session.getPeerCertificates());
        return connection.toBuilder()
            .set(KEY, new PeerCertificate(chain, PeerCertificate.subject(chain.get(0))))
            .build();
      } catch (SSLPeerUnverifiedException e) {
        return connection; // It showed none.
      }
    }

    private static List<X509Certificate> chain(Certificate[] shown) {
      return Arrays.stream(shown).map(X509Certificate.class::cast).toList();
    }
  }
}
