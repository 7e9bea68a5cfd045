package io.tidemill.shm.region;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What stands for a key where there is no room for its text: 64 bits of SHA-256, so that nobody can
 * make a key that is taken for one of another's.
 */
public final class KeyHash {
  private static final int AFFINITY_BITS = 24;

  private KeyHash() {}

  /** 24 bits of it: keys that share them share their workers, which does no harm. */
  public static int affinity(String key) {
    return key.isEmpty() ? 0 : Math.max(1, (int) (of(key) >>> (Long.SIZE - AFFINITY_BITS)));
  }

  /**
   * What stands for a tenant: 32 bits; 0 for none, and for none else. Two of the same number share
   * what is shared out.
   */
  public static int ofTenant(String tenant) {
    int hash = (int) (of(tenant) >>> 32);
    return hash == 0 && !tenant.isEmpty() ? 1 : hash;
  }

  /** 0 for no key, and for none else. */
  public static long of(String key) {
    if (key.isEmpty()) {
      return 0;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      long hash = ByteBuffer.wrap(digest).getLong();
      return hash == 0 ? 1 : hash;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
