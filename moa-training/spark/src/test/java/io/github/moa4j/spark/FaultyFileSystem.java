package io.github.moa4j.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system that is not this machine's own as far as its users know ({@code faulty:/path}), and
 * fails as its folder of faults says, in whatever JVM it is used.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {

  /**
   * The property is set for executors. A fault is a file there, named {@code KIND.NUMBER.PART}; who
   * meets it deletes it first.
   */
  static final Path FAULTS =
      Path.of(System.getProperty("faulty.folder", "target/faults")).toAbsolutePath();

  private static final URI NAME = URI.create("faulty:///");

  /** For the newer of Hadoop's two interfaces. */
  public static final class Context extends DelegateToFileSystem {
    /** Called by Hadoop. */
    public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
      super(uri, new FaultyFileSystem(), configuration, "faulty", false);
    }
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  /** The next so many writes of a file whose path has the part in it fail. */
  static void failWriting(String part, int times) {
    for (int i = 0; i < times; i++) {
      add("fail." + i + "." + part);
    }
  }

  /** The next write of a file whose path has the part in it takes a minute. */
  static void delayWriting(String part) {
    add("delay.0." + part);
  }

  private static void add(String fault) {
    try {
      Files.createDirectories(FAULTS);
      Files.createFile(FAULTS.resolve(fault));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes that have begun to read a file whose path has the part in it. */
  static List<Long> readers(String part) {
    return marks("read").stream()
        .filter(mark -> mark.contains(part))
        .map(mark -> Long.parseLong(mark.split("\\.", 3)[1]))
        .toList();
  }

  /** Forgets all readers and faults. */
  static void reset() throws IOException {
    Files.createDirectories(FAULTS);
    try (Stream<Path> files = Files.list(FAULTS)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** The faults of a kind that are left. */
  static List<String> marks(String kind) {
    try (Stream<Path> files = Files.list(FAULTS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(kind + "."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
    String name = "read." + ProcessHandle.current().pid() + "." + flat(path);
    Files.deleteIfExists(FAULTS.resolve(name));
    Files.createFile(FAULTS.resolve(name));
    return super.open(path, bufferSize);
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    meet(path);
    return super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    meet(path);
    return super.create(path, overwrite, bufferSize, replication, blockSize, progress);
  }

  private static void meet(org.apache.hadoop.fs.Path path) throws IOException {
    for (String kind : List.of("fail", "delay")) {
      for (String fault : marks(kind)) {
        String part = fault.split("\\.", 3)[2];
        if (flat(path).contains(part) && new File(FAULTS.toFile(), fault).delete()) {
          if (kind.equals("fail")) {
            throw new IOException("the disk is on fire");
          }
          sleepAMinute();
        }
      }
    }
  }

  private static void sleepAMinute() throws IOException {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private static String flat(org.apache.hadoop.fs.Path path) {
    return path.getParent().getName() + "-" + path.getName();
  }
}
