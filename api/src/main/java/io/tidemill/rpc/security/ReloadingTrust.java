package io.tidemill.rpc.security;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts, in each handshake, the authorities that a file has then. The checks, of the host name
 * too, are the platform's own.
 */
final class ReloadingTrust extends X509ExtendedTrustManager {
  private static final int JUDGED_MAX = 10_000;

  private final Watched<X509ExtendedTrustManager> authorities;

  /** By which generation of the authorities a certificate was found good. */
  private final ConcurrentMap<X509Certificate, Long> trusted = new ConcurrentHashMap<>();

  private final BiConsumer<X509Certificate, CertificateException> refused;

  /**
   * @param refused told of each certificate that a client showed and that is not trusted
   * @throws IOException if the file cannot be read
   */
  ReloadingTrust(Path file, BiConsumer<X509Certificate, CertificateException> refused)
      throws IOException {
    this.authorities =
        new Watched<>("the certificate authorities", List.of(file), () -> load(file));
    this.refused = refused;
  }

  private static X509ExtendedTrustManager load(Path file)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (X509Certificate authority : TlsIdentity.certificates(file)) {
      store.setCertificateEntry("authority-" + number++, authority);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("this Java has no PKIX trust manager");
  }

  /** Looks whether the authorities changed. */
  void refresh() {
    authorities.refreshed();
  }

  /** Whether a client's chain, which was trusted once, would be trusted if it were shown now. */
  boolean isStillTrusted(List<X509Certificate> chain) {
    X509Certificate leaf = chain.get(0);
    long generation = authorities.generation();
    Long judged = trusted.get(leaf);
    if (judged != null && judged == generation) {
      return true;
    }
    try {
      authorities
          .current()
          .checkClientTrusted(
              chain.toArray(new X509Certificate[0]), leaf.getPublicKey().getAlgorithm());
    } catch (CertificateException e) {
      return false;
    }
    if (trusted.size() >= JUDGED_MAX) {
      trusted.clear();
    }
    trusted.put(leaf, generation);
    return true;
  }

  @FunctionalInterface
  private interface Check {
    void run(X509ExtendedTrustManager manager) throws CertificateException;
  }

  private void checkClient(X509Certificate[] chain, Check check) throws CertificateException {
    try {
      check.run(authorities.refreshed());
    } catch (CertificateException e) {
      refused.accept(chain[0], e);
      throw e;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClient(chain, manager -> manager.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClient(chain, manager -> manager.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    checkClient(chain, manager -> manager.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities.refreshed().checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities.refreshed().checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities.refreshed().checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.current().getAcceptedIssuers();
  }
}
