package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that only the user of this process can read and change, as far as the platform has owners.
 */
public final class PrivateFiles {

  private static final int PIECE_BYTES = 1 << 16;
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private static final Pattern PROCESS = Pattern.compile("([0-9]{1,18})-.*");
  private static final Duration LONGEST_USE = Duration.ofHours(1); // of a temporary folder

  private PrivateFiles() {}

  /**
   * Writes a new file and forces it to the disk.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if it exists or cannot be written
   */
  public static void write(Path target, byte[] content, Failure failure) {
    try (FileChannel channel = FileChannel.open(target, NEW, owned())) {
      AtomicFile.writeFully(channel, ByteBuffer.wrap(content));
      channel.force(true);
    } catch (IOException e) {
      throw failure.because("Cannot write " + target + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * Writes a new file for this process alone, which need not outlast it.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if it exists or cannot be written
   */
  public static void write(Path target, AtomicFile.Content content, Failure failure) {
    try (FileChannel channel = FileChannel.open(target, NEW, owned())) {
      content.writeTo(channel);
    } catch (IOException e) {
      throw failure.because(
          "Cannot write "
              + target
              + " for the time of its use: "
              + Failure.reason(e)
              + ". See that there is room.",
          e);
    }
  }

  /**
   * Creates an empty folder in the platform's folder for temporary files.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible
   */
  public static Path createTemporaryFolder(String prefix, Failure failure) {
    return createTemporaryFolder(Path.of(System.getProperty("java.io.tmpdir")), prefix, failure);
  }

  /**
   * Creates an empty folder in another, and deletes those of the same beginning there whose
   * processes were killed.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible
   */
  public static Path createTemporaryFolder(Path parent, String prefix, Failure failure) {
    try {
      for (Path entry : DurableFiles.list(parent)) {
        if (isAbandoned(entry, prefix)) {
          deleteTemporaryFolder(entry);
        }
      }
      return Files.createTempDirectory(parent, prefix + ProcessHandle.current().pid() + "-");
    } catch (IOException e) {
      throw failure.because(
          "Cannot create a temporary folder in " + parent + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** Whether it is of a process that is no more, in this container and for a while. */
  private static boolean isAbandoned(Path entry, String prefix) throws IOException {
    String name = entry.getFileName().toString();
    Matcher rest = PROCESS.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
    if (!rest.matches()) {
      return false;
    }
    long process = Long.parseLong(rest.group(1));
    try {
      Instant changed = Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS).toInstant();
      return changed.isBefore(Instant.now().minus(LONGEST_USE))
          && (process == ProcessHandle.current().pid() || ProcessHandle.of(process).isEmpty());
    } catch (NoSuchFileException e) {
      return false; // its process has just deleted it
    }
  }

  /** Deletes a temporary folder as far as that is possible now; memory mapped of it stays valid. */
  public static void deleteTemporaryFolder(Path folder) {
    try {
      DurableFiles.deleteTree(folder);
    } catch (IOException ignored) {
      folder.toFile().deleteOnExit(); // Windows keeps what is mapped
    }
  }

  /**
   * Copies a file, not what a link leads to, into a new one.
   *
   * @return the SHA-256 of the bytes that were copied, as 64 hexadecimal digits
   * @throws IOException if it cannot be read, the copy exists or cannot be written
   */
  public static String copy(Path from, Path to) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(from, LinkOption.NOFOLLOW_LINKS);
        FileChannel out = FileChannel.open(to, NEW, owned())) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        AtomicFile.writeFully(out, ByteBuffer.wrap(buffer, 0, count));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static FileAttribute<?>[] owned() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
