package io.tidemill.rpc.security;

import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A certificate with the key that belongs to it, from two PEM files.
 *
 * @param alias no other one of this process has it
 */
record TlsIdentity(String alias, List<X509Certificate> chain, PrivateKey key) {
  private static final AtomicLong COUNT = new AtomicLong();

  /** Reads both; refuses a pair that does not fit, as while only one of them has been replaced. */
  static TlsIdentity load(Path certificate, Path keyFile)
      throws IOException, GeneralSecurityException {
    PrivateFile.checkHidden(keyFile);
    List<X509Certificate> chain = certificates(certificate);
    PrivateKey key = key(keyFile);
    if (!fits(chain.get(0).getPublicKey(), key)) {
      throw new IOException("the key is not the certificate's: certificate=" + certificate);
    }
    checkTime(chain.get(0));
    return new TlsIdentity("identity-" + COUNT.incrementAndGet(), chain, key);
  }

  private static void checkTime(X509Certificate certificate) throws IOException {
    try {
      certificate.checkValidity();
    } catch (CertificateException e) {
      throw new IOException(
          "the certificate has expired, or its time has not come: from="
              + certificate.getNotBefore().toInstant()
              + " to="
              + certificate.getNotAfter().toInstant(),
          e);
    }
  }

  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    X509Certificate[] all =
        CertificateUtils.getX509Certificates(new ByteArrayInputStream(PrivateFile.read(file)));
    if (all.length == 0) {
      throw new IOException("no certificate in PEM form: path=" + file);
    }
    return List.of(all);
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    byte[] bytes = PrivateFile.read(file);
    try {
      return CertificateUtils.getPrivateKey(new ByteArrayInputStream(bytes));
    } catch (GeneralSecurityException | RuntimeException e) {
      // What the parser says may quote the file.
      throw new InvalidKeyException(
          "no private key in PKCS 8 PEM form (BEGIN PRIVATE KEY): path=" + file);
    }
  }

  private static boolean fits(PublicKey shown, PrivateKey key) throws GeneralSecurityException {
    if (!shown.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    byte[] word = "tidemill".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(word);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(shown);
    verifier.update(word);
    return verifier.verify(signature);
  }

  /** Whether it serves for a kind of key that the handshake asks for, as RSA or EC_EC. */
  boolean serves(String keyType) {
    String algorithm = key.getAlgorithm();
    return keyType.equals(algorithm) || keyType.startsWith(algorithm + "_");
  }
}
