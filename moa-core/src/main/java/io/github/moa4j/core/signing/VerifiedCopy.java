package io.github.moa4j.core.signing;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A copy of some files of a folder that only this process's user can touch, deleted when it is
 * closed.
 *
 * @param source the folder
 * @param root what is deleted
 * @param folder the copy, of the source's name
 */
record VerifiedCopy(Path source, Path root, Path folder) implements AutoCloseable {

  static VerifiedCopy of(Path source) {
    Path root = PrivateFiles.createTemporaryFolder("moa-verified-", SigningException::new);
    return new VerifiedCopy(source, root, root.resolve(String.valueOf(source.getFileName())));
  }

  /** Copies a file; returns the SHA-256 of what the copy holds. */
  String add(String name) {
    Path target = folder.resolve(name);
    try {
      Files.createDirectories(target.getParent());
      return PrivateFiles.copy(source.resolve(name), target);
    } catch (IOException e) {
      throw new SigningException(
          "Cannot copy " + source.resolve(name) + ": " + Failure.reason(e) + ".", e);
    }
  }

  @Override
  public void close() {
    PrivateFiles.deleteTemporaryFolder(root);
  }
}
