package io.github.moa4j.training.privacy;

import io.github.moa4j.core.MoaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Random numbers that nobody can foresee: AES-256 in counter mode under a key of the platform's own
 * {@link SecureRandom}, which is too slow for the millions that every step needs. A generator that
 * can be foreseen, or seeded again, would let an attacker subtract the noise.
 *
 * <p>Not thread-safe.
 */
public final class SecretRandom {

  private static final int KEY_BYTES = 32;
  private static final int BLOCK_BYTES = 16;
  private static final double UNIT = 0x1p-53;

  private final Cipher cipher;

  private SecretRandom(byte[] key) {
    try {
      cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new IvParameterSpec(new byte[BLOCK_BYTES])); // a key serves one generator
    } catch (GeneralSecurityException e) {
      throw new MoaException("The platform has no AES-256 in counter mode: " + e.getMessage(), e);
    }
  }

  /** Starts from a key that nobody knows. */
  public static SecretRandom unforeseeable() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return new SecretRandom(key);
  }

  /** Starts from a key that everybody can know: for tests alone. */
  public static SecretRandom foreseeable(long seed) {
    return new SecretRandom(ByteBuffer.allocate(KEY_BYTES).putLong(seed).array());
  }

  /** Returns so many words of 64 random bits. */
  public long[] words(int count) {
    ByteBuffer bytes =
        ByteBuffer.wrap(cipher.update(new byte[Math.multiplyExact(count, Long.BYTES)]));
    long[] words = new long[count];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return words;
  }

  /** Returns numbers that are even in [0, 1), in steps of 2⁻⁵³. */
  public double[] uniform(int count) {
    long[] words = words(count);
    double[] uniform = new double[count];
    for (int i = 0; i < count; i++) {
      uniform[i] = (words[i] >>> 11) * UNIT;
    }
    return uniform;
  }
}
