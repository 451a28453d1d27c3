package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A folder in a file system of Hadoop's, which driver and executors reach alike. Every fault of the
 * storage is a {@link MoaException} that names the place.
 *
 * @param location its whole URI
 * @param configuration how the driver reaches its file systems
 */
record StoredFolder(String location, SerializableConfiguration configuration)
    implements Serializable {

  /** Returns the folder at a URI; without a scheme, of the cluster's own file system. */
  static StoredFolder at(SparkSession spark, String location) {
    Configuration configuration = spark.sparkContext().hadoopConfiguration();
    try {
      Path path = new Path(location);
      String whole = path.getFileSystem(configuration).makeQualified(path).toString();
      return new StoredFolder(whole, new SerializableConfiguration(configuration));
    } catch (IOException | IllegalArgumentException e) {
      throw new MoaException(
          "Cannot reach '"
              + Failure.quote(location)
              + "': "
              + e.getMessage()
              + ". Expected the URI of a folder in a file system that the cluster knows.",
          e);
    }
  }

  /** Returns a folder in this one. */
  StoredFolder child(String name) {
    return new StoredFolder(new Path(path(), name).toString(), configuration);
  }

  /** Returns the folder's path on this machine if its files are this machine's own. */
  Optional<java.nio.file.Path> local() {
    return "file".equals(path().toUri().getScheme())
        ? Optional.of(java.nio.file.Path.of(path().toUri()))
        : Optional.empty();
  }

  /** Tells whether there is a file or folder of that name. */
  boolean has(String name) {
    return reading(fileSystem -> fileSystem.exists(new Path(path(), name)));
  }

  /** Returns the names of the folders in this one, sorted. */
  List<String> folders() {
    return reading(
        fileSystem ->
            Arrays.stream(fileSystem.listStatus(path()))
                .filter(FileStatus::isDirectory)
                .map(status -> status.getPath().getName())
                .sorted()
                .toList());
  }

  /** Returns the bytes of all files in this folder and in those below. */
  long size() {
    return reading(fileSystem -> fileSystem.getContentSummary(path()).getLength());
  }

  /** Reads a small file whole. */
  byte[] read(String name) {
    return reading(
        fileSystem -> {
          try (InputStream in = fileSystem.open(new Path(path(), name))) {
            return in.readAllBytes();
          }
        });
  }

  /** Copies the folder onto this machine, to a path where nothing is yet. */
  void fetch(java.nio.file.Path target) {
    reading(
        fileSystem -> {
          fileSystem.copyToLocalFile(false, path(), new Path(target.toUri()), true);
          return target;
        });
  }

  /** Copies a folder of this machine to this place, where nothing is yet. */
  void store(java.nio.file.Path source) {
    writing(
        fileSystem -> {
          fileSystem.mkdirs(path().getParent());
          fileSystem.copyFromLocalFile(false, true, new Path(source.toUri()), path());
        });
  }

  /** Writes a file in place of an old one, so that readers find the old or the new, whole. */
  void replace(String name, byte[] content) {
    Path file = new Path(path(), name);
    writing(
        fileSystem -> {
          fileSystem.mkdirs(path());
          if (appearsWhenClosed(fileSystem)) {
            write(fileSystem, file, content);
            return;
          }
          Path unfinished = new Path(path(), "." + name + "." + UUID.randomUUID() + ".tmp");
          try {
            write(fileSystem, unfinished, content);
            FileContext.getFileContext(file.toUri(), fileSystem.getConf())
                .rename(unfinished, file, Options.Rename.OVERWRITE);
          } finally {
            fileSystem.delete(unfinished, false);
          }
        });
  }

  /** Object stores have no rename, but show a file only once it is whole. */
  private boolean appearsWhenClosed(FileSystem fileSystem) throws IOException {
    return fileSystem.hasPathCapability(path(), CommonPathCapabilities.ABORTABLE_STREAM);
  }

  private static void write(FileSystem fileSystem, Path file, byte[] content) throws IOException {
    try (OutputStream out = fileSystem.create(file, true)) {
      out.write(content);
    }
  }

  /** Deletes the folder with all that is in it; nothing happens if it is not there. */
  void delete() {
    writing(fileSystem -> fileSystem.delete(path(), true));
  }

  private Path path() {
    return new Path(location);
  }

  private interface Reading<T> {
    T from(FileSystem fileSystem) throws IOException;
  }

  private interface Writing {
    void to(FileSystem fileSystem) throws IOException;
  }

  private <T> T reading(Reading<T> work) {
    try {
      return work.from(path().getFileSystem(configuration.value()));
    } catch (IOException e) {
      throw new MoaException("Cannot read " + location + ": " + Failure.reason(e) + ".", e);
    }
  }

  private void writing(Writing work) {
    try {
      work.to(path().getFileSystem(configuration.value()));
    } catch (IOException e) {
      throw new MoaException("Cannot write " + location + ": " + Failure.reason(e) + ".", e);
    }
  }

  @Override
  public String toString() {
    return location;
  }
}
