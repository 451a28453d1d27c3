package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of this JVM's own, deleted when it is closed. It lies where Spark keeps an application's
 * files, which the cluster's manager deletes if the JVM dies.
 *
 * @param path an empty folder at first
 */
record LocalFolder(Path path) implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(LocalFolder.class);

  /** Makes one. */
  static LocalFolder create() {
    Path root = root();
    try {
      Files.createDirectories(root);
      return new LocalFolder(Files.createTempDirectory(root, "moa4j-"));
    } catch (IOException e) {
      throw new MoaException(
          "Cannot make a folder in " + root + ": " + Failure.reason(e) + ". Set spark.local.dir.",
          e);
    }
  }

  /** The first of the folders that the cluster's manager, or else the application, names. */
  private static Path root() {
    return Stream.of(
            Optional.ofNullable(System.getenv("SPARK_LOCAL_DIRS")),
            Optional.ofNullable(System.getenv("LOCAL_DIRS")),
            Optional.ofNullable(SparkEnv.get())
                .map(environment -> environment.conf().get("spark.local.dir", "")))
        .flatMap(Optional::stream)
        .map(folders -> folders.split(",", 2)[0])
        .filter(folder -> !folder.isBlank())
        .findFirst()
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
  }

  @Override
  public void close() {
    try {
      DurableFiles.deleteTree(path);
    } catch (IOException e) {
      logger.warn("Cannot delete {}: {}", path, Failure.reason(e));
    }
  }
}
