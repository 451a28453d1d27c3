package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * Operations on folders, whose result is still there after the power went off where they say so.
 */
public final class DurableFiles {

  private DurableFiles() {}

  /** Returns the entries of a folder by name; none if there is no such folder. */
  public static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Renames a file or folder within its file system, in one step; the new name must be free. */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Copies a file into a folder that exists; the target must not exist.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible
   */
  public static void copy(Path from, Path to, Failure failure) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw failure.because(
          "Cannot copy " + from + " to " + to + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * Copies the files and folders of a folder into another that exists.
   *
   * @throws io.github.moa4j.core.MoaException of the given kind if that is not possible
   */
  public static void copyTree(Path from, Path to, Failure failure) {
    try {
      for (Path entry : list(from)) {
        Path target = to.resolve(entry.getFileName());
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectory(target);
          copyTree(entry, target, failure);
        } else {
          copy(entry, target, failure);
        }
      }
    } catch (IOException e) {
      throw failure.because(
          "Cannot copy " + from + " to " + to + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** Forces every file and folder under a folder, and the folder itself, to the disk. */
  public static void syncTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            syncFolder(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Forces the entries of a folder to the disk where the platform can: Windows cannot open a
   * folder, some network file systems cannot force one.
   */
  public static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // the content of the files themselves has been forced, and told of every real failure
    }
  }

  /**
   * Deletes a folder, if there is one, and everything in it, links themselves rather than what they
   * point to.
   */
  public static void deleteTree(Path root) throws IOException {
    if (Files.notExists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
