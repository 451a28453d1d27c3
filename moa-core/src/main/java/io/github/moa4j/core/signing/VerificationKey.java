package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.Sha256;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** A public key whose signatures can be checked. Immutable. */
public final class VerificationKey {

  private final PublicKey key;
  private final KeyAlgorithm algorithm;
  private final String id;

  private VerificationKey(PublicKey key, String where) {
    this.key = key;
    this.algorithm = KeyAlgorithm.of(key, where);
    this.id =
        HexFormat.of()
            .formatHex(Sha256.newDigest().digest(new Pem(Pem.PUBLIC, key.getEncoded()).encoded()));
  }

  /**
   * Takes a key that the application has at hand.
   *
   * @throws SigningException if it is none of {@link KeyAlgorithm}
   */
  public static VerificationKey of(PublicKey key) {
    return new VerificationKey(key, "The key given");
  }

  /**
   * Reads all public keys of a PEM file ({@code -----BEGIN PUBLIC KEY-----}).
   *
   * @return at least one
   * @throws SigningException if there is no such file, no public key in it, or one of another kind
   *     than {@link KeyAlgorithm} knows
   */
  public static List<VerificationKey> read(Path file) {
    List<VerificationKey> keys = new ArrayList<>();
    for (Pem block : Pem.read(file)) {
      if (block.label().equals(Pem.PUBLIC)) {
        keys.add(
            new VerificationKey(
                KeyAlgorithm.publicKey(block.content(), file.toString()), file.toString()));
      }
    }
    if (keys.isEmpty()) {
      throw new SigningException(
          file
              + " holds no public key (-----BEGIN PUBLIC KEY-----). Make one from a private key"
              + " with: openssl pkey -in private.pem -pubout -out public.pem");
    }
    return keys;
  }

  /** Returns what kind of key it is. */
  public KeyAlgorithm algorithm() {
    return algorithm;
  }

  /** Returns the SHA-256 of the key in PEM form, 64 hexadecimal digits: the hint in signatures. */
  public String id() {
    return id;
  }

  boolean verifies(byte[] message, byte[] signature) {
    return algorithm.verifies(key, message, signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerificationKey same && id.equals(same.id);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id);
  }

  @Override
  public String toString() {
    return algorithm + " " + id;
  }
}
