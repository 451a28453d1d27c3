package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import io.github.moa4j.core.model.BaseModel;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A stored mixture that the driver writes to. One of this machine's own files is written in place.
 * Of any other there is a copy, whose new versions are stored behind the old ones before {@code
 * moa.json} is replaced: a mixture's own order, so that readers find the old state or the new one.
 */
final class WrittenMixture implements AutoCloseable {

  private final StoredFolder stored;
  private final MixtureDirectory directory;
  private final Optional<LocalFolder> copy;
  private final Optional<MixtureSnapshot> before; // of a copy; empty if the mixture is new

  private WrittenMixture(
      StoredFolder stored,
      MixtureDirectory directory,
      Optional<LocalFolder> copy,
      Optional<MixtureSnapshot> before) {
    this.stored = stored;
    this.directory = directory;
    this.copy = copy;
    this.before = before;
  }

  /**
   * Opens a mixture, or makes one where there is none.
   *
   * @throws MoaException if it belongs to another base
   */
  static WrittenMixture open(StoredFolder stored, BaseModel base) {
    Optional<MixtureSnapshot> before =
        stored.has(MixtureSnapshot.MANIFEST)
            ? Optional.of(MixtureSnapshot.of(stored))
            : Optional.empty();
    Optional<Path> inPlace = stored.local();
    WrittenMixture mixture =
        inPlace.isPresent()
            ? new WrittenMixture(
                stored, openOrCreate(inPlace.get(), base), Optional.empty(), Optional.empty())
            : copy(stored, base, before);
    try {
      mixture.directory.state().checkBase(base.fingerprint());
      return mixture;
    } catch (RuntimeException e) {
      mixture.close();
      throw e;
    }
  }

  private static WrittenMixture copy(
      StoredFolder stored, BaseModel base, Optional<MixtureSnapshot> before) {
    LocalFolder folder = LocalFolder.create();
    try {
      MixtureDirectory directory =
          before
              .map(state -> state.fetchInto(folder.path()))
              .orElseGet(() -> MixtureDirectory.create(folder.path(), base.fingerprint()));
      return new WrittenMixture(stored, directory, Optional.of(folder), before);
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private static MixtureDirectory openOrCreate(Path folder, BaseModel base) {
    return Files.exists(folder.resolve(MixtureSnapshot.MANIFEST))
        ? MixtureDirectory.open(folder)
        : MixtureDirectory.create(folder, base.fingerprint(), base.directory().toString());
  }

  MixtureDirectory directory() {
    return directory;
  }

  /** Returns the state as it is on this machine. */
  MixtureSnapshot snapshot() {
    return new MixtureSnapshot(stored, manifest());
  }

  private String manifest() {
    return TextFile.read(
        directory.directory().resolve(MixtureSnapshot.MANIFEST),
        JsonObject.MAX_BYTES,
        MoaException::new);
  }

  /**
   * Makes what was written the stored mixture's state; nothing is left to do where it was written
   * in place.
   *
   * @throws MoaException if somebody else has written to it since it was opened
   */
  void publish() {
    if (copy.isEmpty()) {
      return;
    }
    MixtureState state = directory.state();
    for (String version : MixtureSnapshot.versions(state)) {
      if (!stored.has(version)) {
        stored.child(version).store(directory.directory().resolve(version));
      }
    }
    requireUnchanged();
    stored.replace(MixtureSnapshot.MANIFEST, manifest().getBytes(StandardCharsets.UTF_8));
  }

  private void requireUnchanged() {
    Optional<String> now =
        stored.has(MixtureSnapshot.MANIFEST)
            ? Optional.of(MixtureSnapshot.of(stored).manifest())
            : Optional.empty();
    if (!now.equals(before.map(MixtureSnapshot::manifest))) {
      throw new MoaException(
          "The mixture in "
              + stored
              + " was written to by somebody else while its domains were trained; it was left as it"
              + " is. Train again, with one writer at a time.");
    }
  }

  @Override
  public void close() {
    copy.ifPresent(LocalFolder::close);
  }
}
