package io.github.moa4j.examples.study.process;

import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that goes, with all that is in it, when it is closed. */
public record TemporaryFolder(Path path) implements AutoCloseable {

  /**
   * Creates one.
   *
   * @param name what its own name begins with
   */
  public static TemporaryFolder create(String name) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory("moa4j-" + name));
  }

  @Override
  public void close() {
    Utils.deleteQuietly(path);
  }
}
