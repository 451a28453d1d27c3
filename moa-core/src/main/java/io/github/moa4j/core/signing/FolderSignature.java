package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The signature over all files of a folder, kept in it as {@code model.sig}: OpenSSF Model Signing
 * v1.0, a DSSE envelope over an in-toto statement with every file's SHA-256. What is written here,
 * other verifiers of that specification accept, and the other way round, if the key is an elliptic
 * one; Ed25519 is known to few.
 *
 * @param name what the signer called the folder
 * @param files SHA-256 of every signed file, by its path from the folder, with slashes
 * @param signer which of the trusted keys signed it
 */
public record FolderSignature(String name, Map<String, String> files, VerificationKey signer) {

  /** The name of the file. */
  public static final String FILE = "model.sig";

  /** Copies the map. */
  public FolderSignature {
    files = Map.copyOf(files);
  }

  /** Tells whether a folder has a signature, right or wrong. */
  public static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /**
   * Signs all files that are in a folder now and in the folders below. An old signature is
   * replaced.
   *
   * @param name for people, such as the domain and version
   * @throws SigningException if the folder is empty, holds a link, or cannot be read or written
   */
  public static FolderSignature sign(Path folder, String name, SigningKey key) {
    FileManifest manifest = FileManifest.of(folder, name, List.of(FILE));
    SignatureBundle.of(manifest.payload(), key).write(folder.resolve(FILE), key.publicKey());
    return new FolderSignature(name, manifest.files(), key.publicKey());
  }

  /**
   * Checks that a folder holds exactly the files that one of the trusted keys signed. What changes
   * behind this check is not seen: see {@link #read}.
   *
   * @throws SigningException if there is no signature, nobody trusted made it, or a file was
   *     changed, added or removed; it names the file
   */
  public static FolderSignature verify(Path folder, Collection<VerificationKey> trusted) {
    FolderSignature signature = listed(folder, trusted);
    signature.files.forEach(
        (name, digest) -> {
          Path file = folder.resolve(name);
          if (!Sha256.of(file, SigningException::new).equals(digest)) {
            throw changed(file);
          }
        });
    return signature;
  }

  /** Checks as {@link #verify} does which files are there, and not yet what they hold. */
  static FolderSignature listed(Path folder, Collection<VerificationKey> trusted) {
    Path file = folder.resolve(FILE);
    if (!isIn(folder)) {
      throw new SigningException(
          "There is no signature " + file + ". Sign the folder, or do not ask for signatures.");
    }
    SignatureBundle bundle = SignatureBundle.read(file);
    VerificationKey signer = bundle.signer(trusted, file);
    FileManifest manifest = FileManifest.parse(bundle.payload(), file);
    for (String found : FileManifest.list(folder, manifest.ignored())) {
      if (!manifest.files().containsKey(found) && !found.equals(FILE)) {
        throw refused(folder.resolve(found), "was added after the folder was signed");
      }
    }
    for (String name : manifest.files().keySet()) {
      if (!Files.exists(folder.resolve(name))) {
        throw refused(folder.resolve(name), "was signed and is missing");
      }
    }
    return new FolderSignature(manifest.name(), manifest.files(), signer);
  }

  /**
   * Checks a folder and reads from a copy of exactly the bytes that were checked, which only this
   * process's user can touch, so that nothing can be changed between check and use. The copy is
   * deleted when the reader returns; memory mapped from it stays valid.
   *
   * @param reader gets the folder of the copy, without files that are not signed
   * @throws SigningException as {@link #verify} does
   */
  public static <T> T read(
      Path folder, Collection<VerificationKey> trusted, Function<Path, T> reader) {
    try (VerifiedCopy copy = listed(folder, trusted).copy(folder)) {
      return reader.apply(copy.folder());
    }
  }

  /** Copies and checks what the files hold at once, so that both are of the same bytes. */
  VerifiedCopy copy(Path folder) {
    VerifiedCopy copy = VerifiedCopy.of(folder);
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        if (!copy.add(file.getKey()).equals(file.getValue())) {
          throw changed(folder.resolve(file.getKey()));
        }
      }
      return copy;
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  private static SigningException changed(Path file) {
    return refused(file, "is not what was signed");
  }

  private static SigningException refused(Path file, String how) {
    return new SigningException(
        file + " " + how + ". Get the folder again from who signed it, or have it signed anew.");
  }
}
