package io.github.moa4j.core.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a file so that a crash at any instant leaves the old content or the new, whole: into a
 * temporary file of the same folder, which is forced to the disk and then renamed. What writers
 * that died left of the same file is deleted first, so that its space can be used again; so one
 * file must not be written from two machines at once.
 */
public final class AtomicFile {

  private static final int PIECE_BYTES = 1 << 20;
  private static final Pattern PROCESS = Pattern.compile("([0-9]{1,18})-[0-9a-f-]{36}\\.tmp");

  /**
   * The one piece of state that belongs to the process, since so do the names of its files: in a
   * container, every process that is started anew has the number of the one that died.
   */
  private static final Set<String> IN_USE = ConcurrentHashMap.newKeySet(); // unique names

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
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible; an old
   *     file is unchanged then
   */
  public static void write(Path target, byte[] content, Failure failure) {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(content)), failure);
  }

  /**
   * Writes or replaces a file, in a folder that exists. A device, a pipe or a socket is refused:
   * the renaming would put a file in its place, for all who use it.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible; an old
   *     file is unchanged then
   */
  public static void write(Path target, Content content, Failure failure) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw failure.because(
          "Cannot write "
              + target
              + ": its folder "
              + (folder == null ? "does not exist" : Failure.noFolder(folder))
              + ". Name a file in a folder that is there.");
    }
    if (isNoFile(target)) {
      throw failure.because(
          "Cannot write "
              + target
              + ": it is a device, a pipe or a socket, which a file would replace. Name a file.");
    }
    String name = prefix(target) + ProcessHandle.current().pid() + "-" + UUID.randomUUID() + ".tmp";
    Path temporary = folder.resolve(name);
    IN_USE.add(name);
    try {
      deleteAbandoned(target, folder);
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      move(temporary, target);
      DurableFiles.syncFolder(folder);
    } catch (IOException e) {
      throw failure.because("Cannot write " + target + ": " + Failure.reason(e) + ".", e);
    } finally {
      deleteQuietly(temporary);
      IN_USE.remove(name);
    }
  }

  /** Tells whether a file's name is that of an unfinished {@code target}. */
  public static boolean isUnfinished(String name, Path target) {
    return name.startsWith(prefix(target)) && name.endsWith(".tmp");
  }

  /**
   * Writes all bytes up to the limit. In pieces, since a channel copies a heap buffer into a native
   * one of the same size, which the JDK then keeps for the thread.
   */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    int limit = bytes.limit();
    while (bytes.position() < limit) {
      bytes.limit(Math.min(limit, bytes.position() + PIECE_BYTES));
      channel.write(bytes);
    }
  }

  private static boolean isNoFile(Path target) {
    try {
      return Files.readAttributes(target, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      return false; // mostly as there is nothing yet; else writing says why
    }
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  private static void deleteAbandoned(Path target, Path folder) {
    try {
      for (Path entry : DurableFiles.list(folder)) {
        if (isUnfinished(entry.getFileName().toString(), target)
            && isAbandoned(entry, prefix(target))) {
          deleteQuietly(entry);
        }
      }
    } catch (IOException ignored) {
      // a folder that cannot be listed can still be written to
    }
  }

  private static boolean isAbandoned(Path entry, String prefix) {
    String name = entry.getFileName().toString();
    Matcher rest = PROCESS.matcher(name.substring(prefix.length()));
    if (!rest.matches() || IN_USE.contains(name)) {
      return false;
    }
    long process = Long.parseLong(rest.group(1));
    return process == ProcessHandle.current().pid() || ProcessHandle.of(process).isEmpty();
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) { // some network file systems
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException ignored) {
      // a leftover of a failed write; the next write of this file tries again
    }
  }
}
