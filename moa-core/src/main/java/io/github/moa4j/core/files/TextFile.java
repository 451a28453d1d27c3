package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads whole files of limited size: what claims to be small and is not is no such file. */
public final class TextFile {

  private TextFile() {}

  /**
   * Reads a text in UTF-8.
   *
   * @param maxBytes the size up to which such a file can make sense
   * @throws io.github.moa4j.core.MoaException of the given kind if there is no such file, it is
   *     larger, or it is not UTF-8
   */
  public static String read(Path file, int maxBytes, Failure failure) {
    return decode(
        bytes(file, maxBytes, failure),
        file + " is not UTF-8 text. Copy the original file again.",
        failure);
  }

  static String decode(byte[] bytes, String otherwise, Failure failure) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw failure.because(otherwise, e);
    }
  }

  /**
   * Checks that there is a file of its own: opening a pipe would wait for its other end, and a
   * device has no end.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if there is none, or it is
   *     something else
   */
  public static void check(Path file, Failure failure) {
    if (Files.isRegularFile(file)) {
      return;
    }
    Path folder = file.getParent();
    if (folder != null && Files.isRegularFile(folder)) {
      throw failure.because(
          folder + " is a file, expected the folder that holds " + file.getFileName() + ".");
    }
    if (Files.notExists(file)) {
      throw failure.because("There is no file " + file + ".");
    }
    throw failure.because(
        Files.isDirectory(file)
            ? file + " is a folder, expected a file."
            : file + " is not a file that can be read.");
  }

  /**
   * Reads the bytes of a file.
   *
   * @param maxBytes the size up to which such a file can make sense
   * @throws io.github.moa4j.core.MoaException of the given kind if there is no such file, or it is
   *     larger
   */
  public static byte[] bytes(Path file, int maxBytes, Failure failure) {
    check(file, failure);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw failure.because(
            file
                + " has "
                + Files.size(file)
                + " bytes, "
                + maxBytes
                + " are possible. It is another kind of file or damaged.");
      }
      return bytes;
    } catch (IOException e) {
      throw failure.because("Cannot read " + file + ": " + Failure.reason(e) + ".", e);
    }
  }
}
