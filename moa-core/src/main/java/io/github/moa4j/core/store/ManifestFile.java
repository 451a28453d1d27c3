package io.github.moa4j.core.store;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The file {@code moa.json} of a mixture. It is read whenever somebody asks, but understood once:
 * while its bytes stay as they were, so does what they mean. Thread-safe.
 *
 * <p>It is an object with the fields {@code formatVersion} (1), {@code baseFingerprint}, {@code
 * base} (optional: a path from the mixture on, or a name), {@code domains} (name to {@code
 * version}, {@code verified}, {@code committed}), {@code router} (optional: {@code version}),
 * {@code promptVariables} (optional: an object) and {@code chatTemplate} (optional: a text), {@code
 * lastVersions} and {@code lastRouterVersion} (the highest numbers ever given) {@code retired}
 * (folders of replaced and removed versions, and since when), {@code keptVersions} (optional:
 * folders of versions that can be activated again, the one that was active longest ago first, to
 * {@code verified} and {@code committed}) and {@code keepVersions} (optional: how many of a
 * domain). Fields that are not known are kept.
 */
final class ManifestFile {

  private record Content(byte[] bytes, MixtureManifest manifest) {}

  private final Path directory;
  private volatile Content last;

  ManifestFile(Path directory) {
    this.directory = directory;
  }

  /**
   * Returns what it says now.
   *
   * @throws MixtureException if it is missing, damaged or of a newer format
   */
  MixtureManifest read() {
    byte[] bytes = MixtureManifestReader.bytes(directory);
    Content known = last;
    if (known == null || !Arrays.equals(known.bytes(), bytes)) {
      known = new Content(bytes, MixtureManifestReader.parse(directory, bytes));
      last = known;
    }
    return known.manifest();
  }

  /**
   * Makes a manifest the committed state of the mixture: the commit point. Only the holder of the
   * lock may.
   *
   * @throws MixtureException if that is not possible, or nobody could read it again
   */
  void write(WriteLock lock, MixtureManifest manifest) {
    lock.checkHeld();
    Path file = directory.resolve(MixtureManifest.FILE);
    byte[] bytes = manifest.toBytes();
    if (bytes.length > JsonObject.MAX_BYTES) {
      throw new MixtureException(
          "Cannot write "
              + file
              + ": it would take "
              + bytes.length
              + " bytes, "
              + JsonObject.MAX_BYTES
              + " are possible. Shorten the chat template or its variables.");
    }
    MixtureManifest again = MixtureManifestReader.parse(directory, bytes);
    if (!again.equals(manifest)) {
      throw new MixtureException(
          "Cannot write " + file + ": it would not be the same when it is read again.");
    }
    AtomicFile.write(file, bytes, MixtureException::new);
    last = new Content(bytes, again);
  }
}
