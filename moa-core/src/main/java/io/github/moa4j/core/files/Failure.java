package io.github.moa4j.core.files;

import io.github.moa4j.core.MoaException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The exception of the room on whose behalf a file is read or written, such as {@code
 * CheckpointException::new}.
 */
@FunctionalInterface
public interface Failure {

  /** How much of a file's content a message quotes at most, in characters. */
  int QUOTED_CHARACTERS = 200;

  /**
   * Makes the exception.
   *
   * @param message for the user: what was wrong, in which file, what was expected
   * @param cause null if there is none
   */
  MoaException because(String message, Throwable cause);

  /** Makes an exception without a cause. */
  default MoaException because(String message) {
    return because(message, null);
  }

  /** Returns what went wrong in words: the JDK's own messages are often no more than a path. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied" + path(e);
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or folder" + path(e);
    }
    if (e instanceof FileAlreadyExistsException) {
      return "there is something of that name already" + path(e);
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder" + path(e);
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "the folder is not empty" + path(e);
    }
    if (e instanceof ClosedByInterruptException) {
      return "the thread was interrupted";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /**
   * Returns what is wrong with a path that is no folder, in words: that it does not exist, is
   * something else, or cannot be looked at, which {@link Files#isDirectory} does not tell apart.
   */
  static String noFolder(Path path) {
    try {
      Files.readAttributes(path, BasicFileAttributes.class);
      return "is not a folder";
    } catch (NoSuchFileException e) {
      return "does not exist";
    } catch (IOException e) {
      return "cannot be read: " + reason(e);
    }
  }

  private static String path(IOException e) {
    return e instanceof FileSystemException known && known.getFile() != null
        ? " (" + known.getFile() + ")"
        : "";
  }

  /** Returns a text from a file as a message may quote it: cut, and without control characters. */
  static String quote(String text) {
    int end = Math.min(text.length(), QUOTED_CHARACTERS);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    StringBuilder quoted = new StringBuilder(end + 3);
    text.chars()
        .limit(end)
        .forEach(c -> quoted.append(Character.isISOControl(c) ? '\uFFFD' : (char) c));
    return end < text.length() ? quoted.append("...").toString() : quoted.toString();
  }
}
