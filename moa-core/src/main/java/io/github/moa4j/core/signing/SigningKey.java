package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.PrivateFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;

/**
 * A private key with its public half. Immutable and thread-safe. It never appears in a text, a log
 * or an error.
 */
public final class SigningKey {

  private final PrivateKey key;
  private final VerificationKey publicKey;

  private SigningKey(PrivateKey key, VerificationKey publicKey, String where) {
    this.key = key;
    this.publicKey = publicKey;
    byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
    if (KeyAlgorithm.of(key, where) != publicKey.algorithm()
        || !publicKey.verifies(probe, sign(probe))) {
      throw new SigningException(where + ": the private key and the public key are not one pair.");
    }
  }

  /**
   * Takes a pair of keys that the application has at hand, as from a key store.
   *
   * @throws SigningException if they are no pair, or none of {@link KeyAlgorithm}
   */
  public static SigningKey of(PrivateKey key, PublicKey publicKey) {
    return new SigningKey(key, VerificationKey.of(publicKey), "The keys given");
  }

  /**
   * Reads a key from PEM files.
   *
   * @param privateKey PKCS #8 without a password ({@code -----BEGIN PRIVATE KEY-----})
   * @param publicKey its public half ({@code -----BEGIN PUBLIC KEY-----})
   * @throws SigningException if a file is missing or holds something else, or the two are no pair
   */
  public static SigningKey read(Path privateKey, Path publicKey) {
    List<Pem> blocks = Pem.read(privateKey);
    Pem block =
        blocks.stream()
            .filter(pem -> pem.label().equals(Pem.PRIVATE))
            .findFirst()
            .orElseThrow(() -> noPrivateKey(privateKey, blocks.get(0).label()));
    List<VerificationKey> publicKeys = VerificationKey.read(publicKey);
    if (publicKeys.size() > 1) {
      throw new SigningException(publicKey + " holds several public keys, expected one.");
    }
    String where = privateKey.toString();
    return new SigningKey(
        KeyAlgorithm.privateKey(block.content(), where), publicKeys.get(0), where);
  }

  private static SigningException noPrivateKey(Path file, String found) {
    return new SigningException(
        file
            + " holds "
            + found
            + ", expected PRIVATE KEY (PKCS #8 without a password). Convert it with: openssl pkcs8"
            + " -topk8 -nocrypt -in "
            + file.getFileName()
            + " -out key.pem");
  }

  /**
   * Makes a new key and writes both halves as PEM; the private one is readable by its owner only
   * where the file system knows owners.
   *
   * @throws SigningException if one of the files exists or cannot be written
   */
  public static SigningKey generate(KeyAlgorithm algorithm, Path privateKey, Path publicKey) {
    for (Path file : List.of(privateKey, publicKey)) {
      if (Files.exists(file)) {
        throw new SigningException(file + " is there already; a key is never overwritten.");
      }
    }
    KeyPair pair = algorithm.generate();
    PrivateFiles.write(
        privateKey,
        new Pem(Pem.PRIVATE, pair.getPrivate().getEncoded()).encoded(),
        SigningException::new);
    AtomicFile.write(
        publicKey,
        new Pem(Pem.PUBLIC, pair.getPublic().getEncoded()).encoded(),
        SigningException::new);
    return of(pair.getPrivate(), pair.getPublic());
  }

  /** Returns the public half. */
  public VerificationKey publicKey() {
    return publicKey;
  }

  byte[] sign(byte[] message) {
    return publicKey.algorithm().sign(key, message);
  }

  @Override
  public String toString() {
    return publicKey.toString();
  }
}
