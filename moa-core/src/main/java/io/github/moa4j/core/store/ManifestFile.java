package io.github.moa4j.core.store;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The file {@code moa.json} of a mixture. It is read whenever somebody asks, but understood once:
 * while its bytes stay as they were, so does what they mean. Thread-safe.
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
