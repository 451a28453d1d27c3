package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;

/**
 * Files that only the user of this process can read and change, as far as the platform has owners.
 */
public final class PrivateFiles {

  private static final int PIECE_BYTES = 1 << 16;
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

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
   * Creates an empty folder in the platform's folder for temporary files.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible
   */
  public static Path createTemporaryFolder(String prefix, Failure failure) {
    try {
      return Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw failure.because(
          "Cannot create a temporary folder (java.io.tmpdir): " + Failure.reason(e) + ".", e);
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
