package io.github.moa4j.core.files;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The machine's file system, of which one operation that changes something fails, or that one and
 * all after it, as if the process had been killed at that instant. Opening, writing, forcing,
 * creating, renaming, copying and deleting count as operations. Forces nothing to the real disk,
 * and keeps in mind which files and folders were looked at.
 */
public final class FaultyDisk extends FileSystem {

  private final FileSystem real;
  private final Provider provider = new Provider();
  private final int failing;
  private final boolean forEver;
  private final AtomicInteger operations = new AtomicInteger();
  private final Set<Path> touched = ConcurrentHashMap.newKeySet();

  private FaultyDisk(FileSystem real, int failing, boolean forEver) {
    this.real = real;
    this.failing = failing;
    this.forEver = forEver;
  }

  /** Returns a folder on a disk whose operation of that number, from 0, fails, and no other. */
  public static Path failingAt(int operation, Path folder) {
    FaultyDisk disk = new FaultyDisk(folder.getFileSystem(), operation, false);
    return disk.new FaultyPath(folder.toAbsolutePath());
  }

  /** Returns a folder on a disk of which nothing fails. */
  public static Path sound(Path folder) {
    return failingAt(Integer.MAX_VALUE, folder);
  }

  /** Returns a folder on a disk that does no operation from that number on. */
  public static Path deadFrom(int operation, Path folder) {
    FaultyDisk disk = new FaultyDisk(folder.getFileSystem(), operation, true);
    return disk.new FaultyPath(folder.toAbsolutePath());
  }

  /** Tells whether an operation of the disk that a folder is on has failed. */
  public static boolean hasFailed(Path folder) {
    FaultyDisk disk = (FaultyDisk) folder.getFileSystem();
    return disk.operations.get() > disk.failing;
  }

  /** Returns what was read, written or looked at below a folder since this was last asked. */
  public static List<String> touched(Path folder) {
    FaultyDisk disk = (FaultyDisk) folder.getFileSystem();
    List<String> paths =
        disk.touched.stream()
            .map(path -> real(folder).relativize(path).toString())
            .sorted()
            .toList();
    disk.touched.clear();
    return paths;
  }

  private Path touch(Path path) {
    touched.add(FaultyDisk.real(path));
    return FaultyDisk.real(path);
  }

  private void operation(String what, Path path) throws IOException {
    int number = operations.getAndIncrement();
    if (number == failing || (forEver && number > failing)) {
      throw new IOException("No space left on device: " + what + " " + path);
    }
  }

  private static Path real(Path path) {
    return path instanceof FaultyPath faulty ? faulty.path : path;
  }

  private final class FaultyPath implements Path {
    private final Path path;

    FaultyPath(Path path) {
      this.path = path;
    }

    private Path wrap(Path other) {
      return other == null ? null : new FaultyPath(other);
    }

    @Override
    public FileSystem getFileSystem() {
      return FaultyDisk.this;
    }

    @Override
    public boolean isAbsolute() {
      return path.isAbsolute();
    }

    @Override
    public Path getRoot() {
      return wrap(path.getRoot());
    }

    @Override
    public Path getFileName() {
      return wrap(path.getFileName());
    }

    @Override
    public Path getParent() {
      return wrap(path.getParent());
    }

    @Override
    public int getNameCount() {
      return path.getNameCount();
    }

    @Override
    public Path getName(int index) {
      return wrap(path.getName(index));
    }

    @Override
    public Path subpath(int begin, int end) {
      return wrap(path.subpath(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
      return path.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return path.endsWith(real(other));
    }

    @Override
    public Path normalize() {
      return wrap(path.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return wrap(path.resolve(real(other)));
    }

    @Override
    public Path relativize(Path other) {
      return wrap(path.relativize(real(other)));
    }

    @Override
    public URI toUri() {
      return path.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return wrap(path.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
      return wrap(path.toRealPath(options));
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
      return path.compareTo(real(other));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof FaultyPath faulty && faulty.path.equals(path);
    }

    @Override
    public int hashCode() {
      return path.hashCode();
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  private final class Provider extends FileSystemProvider {

    private FileSystemProvider real() {
      return real.provider();
    }

    @Override
    public String getScheme() {
      return "faulty";
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
      boolean writes =
          options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
      if (writes) {
        operation("open", path);
      }
      FileChannel channel = real().newFileChannel(touch(path), options, attributes);
      return new FaultyChannel(channel, path);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
      List<Path> accepted = new ArrayList<>();
      try (DirectoryStream<Path> entries =
          real().newDirectoryStream(touch(folder), entry -> true)) {
        for (Path entry : entries) {
          Path wrapped = new FaultyPath(entry);
          if (filter.accept(wrapped)) {
            accepted.add(wrapped);
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
      operation("create", folder);
      real().createDirectory(touch(folder), attributes);
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
        throws IOException {
      operation("link", link);
      real().createSymbolicLink(FaultyDisk.real(link), FaultyDisk.real(target), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
      operation("delete", path);
      real().delete(touch(path));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
      operation("copy", to);
      real().copy(touch(from), touch(to), options);
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
      operation("move", to);
      real().move(touch(from), touch(to), options);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
      return real().isSameFile(FaultyDisk.real(one), FaultyDisk.real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return real().isHidden(FaultyDisk.real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return real().getFileStore(FaultyDisk.real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      real().checkAccess(touch(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return real().getFileAttributeView(FaultyDisk.real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return real().readAttributes(touch(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
        throws IOException {
      return real().readAttributes(touch(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
        throws IOException {
      operation("change", path);
      real().setAttribute(FaultyDisk.real(path), attribute, value, options);
    }
  }

  /** A file of which writing and forcing can fail; half of what fails to be written is written. */
  private final class FaultyChannel extends FileChannel {
    private final FileChannel channel;
    private final Path path;

    FaultyChannel(FileChannel channel, Path path) {
      this.channel = channel;
      this.path = path;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      try {
        operation("write", path);
      } catch (IOException e) {
        if (!forEver) {
          channel.write(source.duplicate().limit(source.position() + source.remaining() / 2));
        }
        throw e;
      }
      return channel.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      operation("write", path);
      return channel.write(sources, offset, length);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      operation("write", path);
      return channel.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      operation("force", path);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      operation("truncate", path);
      channel.truncate(size);
      return this;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return channel.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
      return channel.read(targets, offset, length);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return channel.read(target, position);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return channel.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
        throws IOException {
      operation("write", path);
      return channel.transferFrom(source, position, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return channel.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return channel.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return channel.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
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
  public String getSeparator() {
    return real.getSeparator();
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
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return new FaultyPath(real.getPath(first, more));
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
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
