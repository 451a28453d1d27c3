package io.github.moa4j.core.store;

import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that changes a mixture directory, each under the write lock. Where the disk may be
 * full, unfinished work is deleted before anything is written.
 */
record MixtureWriter(
    Path directory, ManifestFile manifest, Duration lockTimeout, Clock clock, VersionFiles files) {

  private static final Logger logger = LoggerFactory.getLogger(MixtureWriter.class);

  /** What is done while nobody else writes. */
  private interface LockedAction<T> {
    T run(WriteLock lock) throws IOException;
  }

  MixtureWriter with(VersionFiles other) {
    return new MixtureWriter(directory, manifest, lockTimeout, clock, other);
  }

  void create(String baseFingerprint, Optional<String> base) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw failed("create", e);
    }
    locked(
        "create",
        lock -> {
          if (Files.exists(directory.resolve(MixtureManifest.FILE), LinkOption.NOFOLLOW_LINKS)) {
            throw new MixtureException(
                directory + " already holds a mixture. Open it, or choose another folder.");
          }
          Optional<String> stored = base.map(named -> BaseReference.stored(directory, named));
          manifest.write(lock, MixtureManifest.empty(directory, baseFingerprint, stored));
          DurableFiles.syncFolder(directory.getParent());
          return null;
        });
  }

  MixtureState commit(Consumer<MixtureChange> changes) {
    return locked(
        "write to",
        lock -> {
          Instant now = clock.instant();
          MixtureManifest stored = readManifest();
          MixtureManifest before =
              clean(
                  lock,
                  Leftovers.of(directory),
                  stored.retiredBy(now),
                  now.minus(MixtureDirectory.RETENTION));
          MixtureChange change = new MixtureChange(lock, before, now, files);
          try {
            changes.accept(change);
            MixtureManifest after = change.result();
            if (!after.equals(stored)) {
              change.complete();
              manifest.write(lock, after);
            }
            return after.state();
          } catch (Throwable e) {
            undo(lock, change, before, e);
            throw e;
          } finally {
            change.close();
          }
        });
  }

  void removeRetired() {
    locked(
        "clean",
        lock -> {
          MixtureManifest stored = readManifest();
          MixtureManifest rest = clean(lock, Leftovers.everywhere(directory), stored, Instant.MAX);
          if (!rest.equals(stored)) {
            manifest.write(lock, rest);
          }
          return null;
        });
  }

  void removeUnlisted(Collection<UnlistedVersion> versions) {
    locked(
        "clean",
        lock -> {
          MixtureManifest stored = readManifest();
          Leftovers found = Leftovers.everywhere(directory);
          List<VersionFolder> unlisted = found.unlisted(stored);
          for (UnlistedVersion version : versions) {
            if (!unlisted.contains(version.folder())) {
              throw new MixtureException(
                  version.directory()
                      + " was not deleted: it is no unlisted version of this mixture.");
            }
            Leftovers.delete(lock, directory, version.folder());
          }
          MixtureManifest marked = found.markTaken(stored);
          if (!marked.equals(stored)) {
            manifest.write(lock, marked);
          }
          return null;
        });
  }

  /** Deletes unfinished work unless a writer is there, who does it himself. */
  void cleanIfFree() {
    readManifest();
    try {
      if (Leftovers.of(directory).isUnfinished()) {
        cleanIfFree(WriteLock.tryAcquire(directory));
      }
    } catch (MixtureException | IOException e) {
      logger.debug("Leftovers stay in the mixture in {}", directory, e); // we may not write here
    }
  }

  private void cleanIfFree(Optional<WriteLock> free) throws IOException {
    if (free.isPresent()) {
      try (WriteLock lock = free.get()) {
        MixtureManifest stored = readManifest();
        MixtureManifest marked = clean(lock, Leftovers.of(directory), stored, Instant.MIN);
        if (!marked.equals(stored)) {
          manifest.write(lock, marked);
        }
      } catch (MixtureException e) {
        logger.debug("Numbers are not marked as taken in {}", directory, e); // the disk is full
      }
    }
  }

  /**
   * Deletes first, since the disk may be full.
   *
   * @return a manifest that gives no number again that a folder has or had
   */
  private static MixtureManifest clean(
      WriteLock lock, Leftovers found, MixtureManifest stored, Instant expiry) throws IOException {
    found.deleteUnfinished(lock, stored);
    return Leftovers.deleteRetired(lock, found.markTaken(stored), expiry);
  }

  /** Deletes what a failed commit wrote, unless it turns out to be committed. */
  private void undo(
      WriteLock lock, MixtureChange change, MixtureManifest before, Throwable reason) {
    try {
      MixtureManifest stored = readManifest();
      Leftovers.of(directory).deleteUnfinished(lock, stored);
      MixtureManifest marked = before;
      for (VersionFolder folder : change.written()) {
        if (stored.names(folder)) {
          return;
        }
        Leftovers.delete(lock, directory, folder);
        marked = marked.withTaken(folder);
      }
      if (!marked.equals(stored)) {
        manifest.write(lock, marked);
      }
    } catch (MixtureException | IOException e) {
      reason.addSuppressed(e); // the next writer tries again
    }
  }

  private MixtureManifest readManifest() {
    return manifest.read();
  }

  private <T> T locked(String what, LockedAction<T> action) {
    try (WriteLock lock = WriteLock.acquire(directory, lockTimeout)) {
      return action.run(lock);
    } catch (IOException e) {
      throw failed(what, e);
    } catch (UncheckedIOException e) {
      throw failed(what, e.getCause());
    }
  }

  private MixtureException failed(String what, IOException e) {
    return new MixtureException(
        "Cannot " + what + " the mixture in " + directory + ": " + Failure.reason(e) + ".", e);
  }
}
