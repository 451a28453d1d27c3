package io.github.moa4j.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file so that a crash at any instant leaves the old content or the new, whole: into a
 * temporary file of the same folder, which is forced to the disk and then renamed.
 */
public final class AtomicFile {

  private static final int PIECE_BYTES = 1 << 20;

  private AtomicFile() {}

  /** Produces the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /**
   * Writes or replaces a file, in a folder that exists.
   *
   * @throws CheckpointException if that is not possible; an old file is unchanged then
   */
  public static void write(Path target, byte[] content) {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(content)));
  }

  /**
   * Writes or replaces a file, in a folder that exists.
   *
   * @throws CheckpointException if that is not possible; an old file is unchanged then
   */
  public static void write(Path target, Content content) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new CheckpointException(
          "Cannot write " + target + ": its folder does not exist, create it first.");
    }
    Path temporary = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      move(temporary, target);
      syncFolder(folder);
    } catch (IOException e) {
      throw new CheckpointException("Cannot write " + target + ": " + e, e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  /**
   * Writes all bytes up to the limit. In pieces, since a channel copies a heap buffer into a native
   * one of the same size, which the JDK then keeps for the thread.
   */
  static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    int limit = bytes.limit();
    while (bytes.position() < limit) {
      bytes.limit(Math.min(limit, bytes.position() + PIECE_BYTES));
      channel.write(bytes);
    }
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) { // some network file systems
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes the rename durable where folders can be opened: on Linux and macOS, not on Windows. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // best effort: the content itself has been forced to the disk
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException ignored) {
      // a leftover of a failed write; the failure is being reported
    }
  }
}
