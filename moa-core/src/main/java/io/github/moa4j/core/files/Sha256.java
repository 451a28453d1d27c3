package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash that identifies bases, adapters, routers and data. */
public final class Sha256 {

  private static final int PIECE_BYTES = 1 << 16;

  private Sha256() {}

  /** Returns a new digest that has seen nothing yet. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /**
   * Returns the hash of a file's bytes as 64 hexadecimal digits, whatever the file's size.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if it cannot be read
   */
  public static String of(Path file, Failure failure) {
    TextFile.check(file, failure);
    MessageDigest digest = newDigest();
    byte[] buffer = new byte[PIECE_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    } catch (IOException e) {
      throw failure.because("Cannot read " + file + ": " + Failure.reason(e) + ".", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
