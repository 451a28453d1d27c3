package io.github.moa4j.examples.study.reliability.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Set;

/**
 * The real file system, seen through a {@link WatchedProvider}. Forces nothing to the real disk.
 */
public final class WatchedDisk extends FileSystem {

  private final FileSystem real;
  private final WatchedProvider provider;

  private WatchedDisk(FileSystem real, Faults faults) {
    this.real = real;
    this.provider = new WatchedProvider(this, real.provider(), faults);
  }

  /** Returns a folder, whose path and all that are made of it lead through a watched disk. */
  public static Path folder(Path folder, Faults faults) {
    return WatchedPath.of(
        new WatchedDisk(folder.getFileSystem(), faults), folder.toAbsolutePath().normalize());
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public Path getPath(String first, String... more) {
    return WatchedPath.of(this, real.getPath(first, more));
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() throws IOException {
    throw new UnsupportedOperationException();
  }
}
