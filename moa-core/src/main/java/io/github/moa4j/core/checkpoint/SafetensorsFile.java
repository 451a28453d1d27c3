package io.github.moa4j.core.checkpoint;

import io.github.moa4j.core.CheckpointException;
import io.github.moa4j.core.checkpoint.SafetensorsHeader.Entry;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file open for reading. Opening reads and checks the whole header; tensors are read
 * when they are asked for, so files and tensors may be larger than 2 GiB.
 *
 * <p>{@link #tensor} and {@link #bytes} return views of a mapping of the file. They stay valid
 * after {@link #close()}, and their memory goes back when they become unreachable: unmapping them
 * earlier would end the JVM at the next access. While they are in use, the file must not be
 * changed.
 *
 * <p>Thread-safe.
 */
public final class SafetensorsFile implements AutoCloseable {

  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it does not exist, or is not a well-formed safetensors file
   */
  public static SafetensorsFile open(Path path) {
    FileChannel channel = null;
    if (Files.exists(path) && !Files.isRegularFile(path)) { // a pipe would wait for a writer
      throw new CheckpointException(path + " is not a regular file.");
    }
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file =
          new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel));
      channel = null;
      return file;
    } catch (NoSuchFileException e) {
      throw new CheckpointException("There is no file " + path + ".", e);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + path + ": " + Failure.reason(e) + ".", e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException ignored) {
        // the exception that brought us here says more
      }
    }
  }

  /** Returns the path the file was opened by. */
  public Path path() {
    return path;
  }

  /** Returns the names of the tensors in the order of the header. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /** Returns the file's own strings, such as {@code format}; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Returns the element type of a tensor.
   *
   * @throws CheckpointException if the file has no such tensor
   */
  public DataType dataType(String name) {
    return entry(name).dataType();
  }

  /**
   * Returns the dimensions of a tensor, outermost first.
   *
   * @throws CheckpointException if the file has no such tensor
   */
  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  /**
   * Returns the bytes that a tensor takes.
   *
   * @throws CheckpointException if the file has no such tensor
   */
  public long byteSize(String name) {
    return entry(name).length();
  }

  /**
   * Maps a whole tensor.
   *
   * @throws CheckpointException if the file has no such tensor, or it takes 2 GiB or more: then
   *     read it in pieces
   */
  public HostTensor tensor(String name) {
    Entry entry = entry(name);
    if (entry.length() > Integer.MAX_VALUE) {
      throw new CheckpointException(
          "The tensor "
              + name
              + " in "
              + path
              + " takes "
              + entry.length()
              + " bytes; more than 2 GiB must be read in pieces.");
    }
    return new HostTensor(entry.dataType(), entry.shape(), map(entry.begin(), entry.length()));
  }

  /**
   * Maps a piece of a tensor.
   *
   * @param byteOffset first byte, counted from the tensor's own beginning
   * @param byteLength number of bytes
   * @return read-only, direct and little endian, from position 0 to the limit
   * @throws CheckpointException if the file has no such tensor
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public ByteBuffer bytes(String name, long byteOffset, int byteLength) {
    return map(position(name, byteOffset, byteLength), byteLength);
  }

  /**
   * Copies a piece of a tensor into a buffer of the caller, which may be used again and again:
   * unlike {@link #bytes}, this leaves no mapping behind that counts as memory of the process.
   *
   * @param byteOffset first byte, counted from the tensor's own beginning
   * @param target filled from its position to its limit
   * @throws CheckpointException if the file has no such tensor, or cannot be read
   * @throws IndexOutOfBoundsException if the piece leaves the tensor
   */
  public void read(String name, long byteOffset, ByteBuffer target) {
    long position = position(name, byteOffset, target.remaining());
    try {
      SafetensorsHeader.readFully(path, channel, position, target);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + name + " from " + path + ": " + e, e);
    }
  }

  private long position(String name, long byteOffset, int byteLength) {
    Entry entry = entry(name);
    if (byteOffset < 0 || byteLength < 0 || byteOffset > entry.length() - byteLength) {
      throw new IndexOutOfBoundsException(
          byteLength + " bytes from " + byteOffset + " of " + name + ", of " + entry.length());
    }
    return entry.begin() + byteOffset;
  }

  private ByteBuffer map(long position, long length) {
    try {
      if (length > channel.size() - position) { // mapping it would crash at the first access
        throw SafetensorsHeader.damaged(path, "it became shorter while it was open");
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, position, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new CheckpointException("Cannot map " + path + " into memory: " + e, e);
    }
  }

  private Entry entry(String name) {
    Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw new CheckpointException("There is no tensor " + name + " in " + path + ".");
    }
    return entry;
  }

  /** Closes the file. Tensors that were mapped stay valid. Closing twice does nothing. */
  @Override
  public void close() {
    closeQuietly(channel);
  }
}
