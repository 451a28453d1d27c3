package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of a base on this machine.
 *
 * @param path where they are
 * @param copy what is deleted with them; empty where they are used in place
 */
record BaseFiles(Path path, Optional<LocalFolder> copy) implements AutoCloseable {

  /** Fetches a base, unless its files are this machine's own. */
  static BaseFiles of(StoredFolder stored) {
    Optional<Path> inPlace = stored.local();
    if (inPlace.isPresent()) {
      return new BaseFiles(existing(inPlace.get()), Optional.empty());
    }
    LocalFolder folder = LocalFolder.create();
    try {
      Path path = folder.path().resolve("base");
      stored.fetch(path);
      return new BaseFiles(path, Optional.of(folder));
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private static Path existing(Path path) {
    if (!Files.isDirectory(path)) {
      throw new MoaException(
          "There is no folder "
              + path
              + " on this machine of the cluster. Put the base there on every machine, or name it"
              + " by a URI of a file system that all of them reach.");
    }
    return path;
  }

  @Override
  public void close() {
    copy.ifPresent(LocalFolder::close);
  }
}
