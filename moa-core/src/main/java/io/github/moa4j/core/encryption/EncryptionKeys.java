package io.github.moa4j.core.encryption;

import java.nio.file.Path;
import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * The keys of an application, by ids that stand in the files: from a key store, a vault, or a file
 * ({@link #read}). To rotate keys, give a new one as the current one and keep the old ones for as
 * long as there are files under them. Implementations are thread-safe.
 */
public interface EncryptionKeys {

  /** Returns the id of the key for what is written from now on. */
  String current();

  /**
   * Returns a key.
   *
   * @param id 1 to 64 characters out of a-z, A-Z, 0-9, '.', '_' and '-'; of a file, so it may be
   *     any
   * @return 256 bits that nobody can guess, usable with {@code HmacSHA256}; empty if there is none
   *     of that id
   */
  Optional<SecretKey> key(String id);

  /** Returns one key. */
  static EncryptionKeys of(String id, SecretKey key) {
    return KeyRing.of(id, key);
  }

  /**
   * Reads keys from a file that only the application's user should be able to read: {@code
   * {"current": "2027", "keys": {"2026": "BASE64 OF 32 BYTES", "2027": "..."}}}.
   *
   * @throws EncryptionException if it is missing or holds something else
   */
  static EncryptionKeys read(Path file) {
    return KeyRing.read(file);
  }

  /**
   * Makes a key and writes it as a file that {@link #read} reads, for its owner only where the file
   * system knows owners.
   *
   * @throws EncryptionException if the file exists or cannot be written
   */
  static EncryptionKeys generate(String id, Path file) {
    return KeyRing.generate(id, file);
  }
}
