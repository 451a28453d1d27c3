package io.github.moa4j.core.store;

import io.github.moa4j.core.encryption.Encryption;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.signing.FolderSignature;
import io.github.moa4j.core.signing.SignaturePolicy;
import io.github.moa4j.core.signing.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How the files of versions are written and read. Encrypted first and signed then: a signature is
 * over what lies on the disk, so that it is checked before anything is decrypted, by whoever has no
 * key as well.
 */
record VersionFiles(
    Optional<SigningKey> signer, SignaturePolicy signatures, Encryption encryption) {

  static final VersionFiles PLAIN =
      new VersionFiles(Optional.empty(), SignaturePolicy.off(), Encryption.off());

  /** Fills a new folder, forces it to the disk and returns the provenance that it holds. */
  Optional<Provenance> write(Path mixture, VersionFolder version, Consumer<Path> writer) {
    Path path = version.writingUnder(mixture);
    String place = version.toString();
    try {
      Files.createDirectory(path);
      Optional<Provenance> provenance =
          encryption.write(path, place, plain -> fill(plain, path, writer));
      signer.ifPresent(key -> FolderSignature.sign(path, place, key));
      DurableFiles.syncTree(path);
      return provenance;
    } catch (IOException e) {
      throw new MixtureException("Cannot write " + path + ": " + Failure.reason(e) + ".", e);
    } catch (UncheckedIOException e) {
      throw new MixtureException(
          "Cannot write " + path + ": " + Failure.reason(e.getCause()) + ".", e);
    }
  }

  private static Optional<Provenance> fill(Path plain, Path path, Consumer<Path> writer) {
    writer.accept(plain);
    try {
      if (DurableFiles.list(plain).isEmpty()) {
        throw new MixtureException("Nothing was written to " + path + "; nothing was changed.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    VersionFolder.checkNoLinkIn(plain);
    return Provenance.read(plain);
  }

  /** Reads a version as the policy of signatures allows, with the keys at hand. */
  <T> T read(Path mixture, VersionFolder version, Function<Path, T> reader) {
    String place = version.toString();
    return signatures.read(
        version.realUnder(mixture), place, checked -> encryption.read(checked, place, reader));
  }

  /** Reads one file of a version, as {@link #read} does all; empty if there is none. */
  <T> Optional<T> readFile(
      Path mixture, VersionFolder version, String name, Function<Path, T> reader) {
    String place = version.toString();
    return signatures.read(
        version.realUnder(mixture),
        place,
        checked -> encryption.readFile(checked, place, name, reader));
  }

  /** Reads the provenance of a version, whoever signed it. */
  Optional<Provenance> provenance(Path mixture, VersionFolder version) {
    return encryption
        .readFile(
            version.realUnder(mixture), version.toString(), Provenance.FILE, ProvenanceFile::read)
        .flatMap(read -> read);
  }

  /** Copies the plain files of a version into a folder, without its signature. */
  void copy(Path mixture, VersionFolder version, Path target) {
    read(
        mixture,
        version,
        folder -> {
          DurableFiles.copyTree(folder, target, MixtureException::new);
          return folder;
        });
    try {
      Files.deleteIfExists(target.resolve(FolderSignature.FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
