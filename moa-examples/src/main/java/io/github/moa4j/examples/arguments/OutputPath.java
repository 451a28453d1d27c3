package io.github.moa4j.examples.arguments;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a program writes what the user has named. */
public final class OutputPath {

  private OutputPath() {}

  /** Returns the absolute path; of a link, which stays one, where it leads to. */
  public static Path of(Path named) {
    Path target = named.toAbsolutePath().normalize();
    if (!Files.isSymbolicLink(target)) {
      return target;
    }
    try {
      return target.toRealPath();
    } catch (IOException e) {
      throw new MoaException(
          target
              + " is a link that leads nowhere: "
              + Failure.reason(e)
              + ". Name another --output, or delete it first.",
          e);
    }
  }
}
