package io.tidemill.rpc.security;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/** Shows, in each handshake, the certificate as its files have it then. */
final class ReloadingKeys extends X509ExtendedKeyManager {
  private final Watched<TlsIdentity> identity;

  /** A handshake that chose before a reload asks after it: by its alias it gets what it chose. */
  private final ConcurrentMap<String, TlsIdentity> known = new ConcurrentHashMap<>();

  private volatile TlsIdentity former;

  ReloadingKeys(Watched<TlsIdentity> identity) {
    this.identity = identity;
    this.former = identity.current();
    known.put(former.alias(), former);
  }

  private TlsIdentity now() {
    TlsIdentity now = identity.refreshed();
    if (known.putIfAbsent(now.alias(), now) == null) {
      TlsIdentity before = former;
      former = now;
      known.keySet().removeIf(a -> !a.equals(now.alias()) && !a.equals(before.alias()));
    }
    return now;
  }

  private String choose(String keyType) {
    TlsIdentity now = now();
    return now.serves(keyType) ? now.alias() : null;
  }

  @Override
  public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return choose(keyType);
  }

  /** Whoever asks for a certificate gets the one there is, and judges it. */
  @Override
  public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
    for (String keyType : keyTypes) {
      String alias = choose(keyType);
      if (alias != null) {
        return alias;
      }
    }
    return null;
  }

  @Override
  public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
    return chooseEngineClientAlias(keyTypes, issuers, null);
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return aliases(keyType);
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return aliases(keyType);
  }

  private String[] aliases(String keyType) {
    String alias = choose(keyType);
    return alias == null ? new String[0] : new String[] {alias};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    TlsIdentity chosen = known.get(alias);
    return chosen == null ? null : chosen.chain().toArray(new X509Certificate[0]);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    TlsIdentity chosen = known.get(alias);
    return chosen == null ? null : chosen.key();
  }
}
