package io.github.moa4j.core.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to a mixture directory: one holder on the machine, released by the operating
 * system when its process dies. The file {@code .lock} stays, for deleting it would let two writers
 * lock two different files of that name.
 */
final class WriteLock implements AutoCloseable {

  /**
   * The one piece of state that belongs to the process: so does an operating system's file lock.
   * POSIX releases it as soon as any channel of the file is closed, so a second thread must not
   * even open the file to see that it is locked.
   */
  private static final Set<Path> HELD_BY_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  private static final long POLL_MILLIS = 10;

  private final Path key;
  private final FileChannel channel;

  private WriteLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @throws MixtureException if another writer still has it after the timeout
   */
  static WriteLock acquire(Path directory, Duration timeout) throws IOException {
    long start = System.nanoTime();
    while (true) {
      Optional<WriteLock> lock = tryAcquire(directory);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() - start >= timeout.toNanos()) {
        throw new MixtureException(
            "Another writer is changing the mixture in "
                + directory
                + " (its lock is .lock in there); waited "
                + timeout.toMillis()
                + " ms. Try again when it has finished, or wait longer.");
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MixtureException(
            "Interrupted while waiting to write to the mixture in " + directory + ".", e);
      }
    }
  }

  /** Takes the lock if nobody has it. */
  static Optional<WriteLock> tryAcquire(Path directory) throws IOException {
    Path key = directory.toRealPath();
    Path file = key.resolve(".lock");
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new MixtureException(
          file + " is not a file, expected the lock of the mixture's writers. Remove it.");
    }
    if (!HELD_BY_THIS_PROCESS.add(key)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      lock = channel.tryLock();
      return lock == null ? Optional.empty() : Optional.of(new WriteLock(key, channel));
    } catch (OverlappingFileLockException e) {
      return Optional.empty(); // held through another class loader of this process
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        HELD_BY_THIS_PROCESS.remove(key);
      }
    }
  }

  /**
   * Does nothing while the lock is held.
   *
   * @throws IllegalStateException if it was released
   */
  void checkHeld() {
    if (!channel.isOpen()) {
      throw new IllegalStateException("The lock of " + key + " was released.");
    }
  }

  /** Lets the next writer in. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD_BY_THIS_PROCESS.remove(key);
    }
  }
}
