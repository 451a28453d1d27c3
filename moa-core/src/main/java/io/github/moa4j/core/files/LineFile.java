package io.github.moa4j.core.files;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file that grows by whole lines, each forced to the disk: a crash at any instant leaves all
 * lines that were appended, and at most the beginning of one more, which is cut off when the file
 * is opened again. One writer at a time, by a lock on the file. Thread-safe; an interrupt of the
 * calling thread does no harm, unlike to a channel.
 */
public final class LineFile implements AutoCloseable {

  private static final int PIECE_BYTES = 1 << 13;

  private final Path path;
  private final RandomAccessFile file; // guarded by this
  private final Failure failure;
  private long length; // of the whole lines; guarded by this

  private LineFile(Path path, RandomAccessFile file, Failure failure) {
    this.path = path;
    this.file = file;
    this.failure = failure;
  }

  /**
   * Opens a file, or creates it in a folder that exists.
   *
   * @param head what every line begins with, in ASCII: a file that begins otherwise is another one
   * @throws io.github.moa4j.core.MoaException of the given kind if it is, somebody else is writing
   *     to it, or it cannot be written
   */
  public static LineFile open(Path path, String head, Failure failure) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw failure.because(path + " is not a regular file.", null);
    }
    RandomAccessFile file = null;
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
      lock(path, file, failure);
      LineFile lines = new LineFile(path, file, failure);
      lines.recover(head.getBytes(StandardCharsets.US_ASCII));
      DurableFiles.syncFolder(path.toAbsolutePath().getParent());
      file = null;
      return lines;
    } catch (IOException e) {
      throw failure.because("Cannot write " + path + ": " + Failure.reason(e) + ".", e);
    } finally {
      closeQuietly(file);
    }
  }

  private static void lock(Path path, RandomAccessFile file, Failure failure) throws IOException {
    FileLock lock;
    try {
      lock = file.getChannel().tryLock(); // ends with the file
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw failure.because(
          path + " is being written by somebody else. Close it there, or take another file.", null);
    }
  }

  private void recover(byte[] head) throws IOException {
    long size = file.length();
    byte[] start = bytes(0, (int) Math.min(size, head.length));
    if (!Arrays.equals(start, Arrays.copyOf(head, start.length))) {
      throw failure.because(
          path
              + " holds something else: its lines do not begin with "
              + new String(head, StandardCharsets.US_ASCII)
              + ". It was not changed; take another file.",
          null);
    }
    length = endOfLastLine(size);
    if (length < size) {
      file.setLength(length);
      file.getFD().sync();
    }
  }

  private long endOfLastLine(long size) throws IOException {
    for (long end = size; end > 0; end -= PIECE_BYTES) {
      long from = Math.max(0, end - PIECE_BYTES);
      byte[] piece = bytes(from, (int) (end - from));
      for (int i = piece.length - 1; i >= 0; i--) {
        if (piece[i] == '\n') {
          return from + i + 1;
        }
      }
    }
    return 0;
  }

  private byte[] bytes(long from, int count) throws IOException {
    byte[] bytes = new byte[count];
    file.seek(from);
    file.readFully(bytes);
    return bytes;
  }

  /**
   * Appends a line and forces it to the disk.
   *
   * @param line without its end
   * @throws io.github.moa4j.core.MoaException of the kind given at opening if that is not possible;
   *     nothing of the line stays then
   */
  public synchronized void append(byte[] line) {
    byte[] whole = Arrays.copyOf(line, line.length + 1);
    whole[line.length] = '\n';
    try {
      if (file.length() < length) {
        throw new IOException("it became shorter while it was open");
      }
      file.setLength(length); // without a line that failed, and could not be taken back then
      file.seek(length);
      file.write(whole);
      file.getFD().sync();
      length += whole.length;
    } catch (IOException e) {
      takeBack();
      throw failure.because("Cannot write " + path + ": " + Failure.reason(e) + ".", e);
    }
  }

  private void takeBack() {
    try {
      file.setLength(length);
    } catch (IOException ignored) {
      // the next line tries again
    }
  }

  @Override
  public synchronized void close() {
    closeQuietly(file);
  }

  private static void closeQuietly(RandomAccessFile file) {
    if (file != null) {
      try {
        file.close();
      } catch (IOException ignored) {
        // all lines have been forced
      }
    }
  }
}
