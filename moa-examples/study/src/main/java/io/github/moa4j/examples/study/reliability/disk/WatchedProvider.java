package io.github.moa4j.examples.study.reliability.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Does what the real provider does, unless its faults forbid it, and records what it did. */
final class WatchedProvider extends FileSystemProvider {

  private final WatchedDisk disk;
  private final FileSystemProvider real;
  private final Faults faults;

  WatchedProvider(WatchedDisk disk, FileSystemProvider real, Faults faults) {
    this.disk = disk;
    this.real = real;
    this.faults = faults;
  }

  private void change(Operation operation, Change change) throws IOException {
    faults.before();
    change.make();
    faults.done(operation);
  }

  /** What an operation does to the real disk. */
  private interface Change {
    void make() throws IOException;
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path own = WatchedPath.real(path);
    boolean creates =
        (options.contains(StandardOpenOption.CREATE)
                || options.contains(StandardOpenOption.CREATE_NEW))
            && Files.notExists(own, LinkOption.NOFOLLOW_LINKS);
    if (creates) {
      faults.before();
    }
    FileChannel channel = real.newFileChannel(own, options, attributes);
    if (creates) {
      faults.done(Operation.of(Operation.Kind.CREATE_FILE, own));
    }
    return new WatchedChannel(channel, own, faults);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> accepted = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        real.newDirectoryStream(WatchedPath.real(folder), entry -> true)) {
      for (Path entry : entries) {
        Path watched = WatchedPath.of(disk, entry);
        if (filter.accept(watched)) {
          accepted.add(watched);
        }
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return accepted.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    Path own = WatchedPath.real(folder);
    change(
        Operation.of(Operation.Kind.CREATE_FOLDER, own),
        () -> real.createDirectory(own, attributes));
  }

  @Override
  public void delete(Path path) throws IOException {
    Path own = WatchedPath.real(path);
    change(Operation.of(Operation.Kind.DELETE, own), () -> real.delete(own));
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    Path own = WatchedPath.real(from);
    Path target = WatchedPath.real(to);
    change(
        new Operation(Operation.Kind.MOVE, own, target, 0, new byte[0]),
        () -> real.move(own, target, options));
  }

  /** Through channels, so that it is one of the operations that can fail in the middle. */
  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    try (FileChannel source = newFileChannel(from, Set.of(StandardOpenOption.READ));
        FileChannel target =
            newFileChannel(to, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      source.transferTo(0, source.size(), target);
    }
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return real.isSameFile(WatchedPath.real(one), WatchedPath.real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(WatchedPath.real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(WatchedPath.real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(WatchedPath.real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return real.getFileAttributeView(WatchedPath.real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return real.readAttributes(WatchedPath.real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return real.readAttributes(WatchedPath.real(path), attributes, options);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String getScheme() {
    return "watched";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }
}
