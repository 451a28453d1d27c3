package io.github.moa4j.core.store;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.DurableFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What dead writers and old versions leave in a mixture directory. Only three kinds are ever
 * deleted: what bears a name that we give to unfinished work, folders of versions without any
 * content, and versions that {@code moa.json} itself calls retired. Links are neither followed nor
 * touched, nor is a whole version that no state mentions.
 */
final class Leftovers {

  private static final Logger logger = LoggerFactory.getLogger(Leftovers.class);

  private final Path directory;
  private final List<Path> unfinished = new ArrayList<>();
  private final List<VersionFolder> taken = new ArrayList<>(); // numbers never to be given again
  private final List<VersionFolder> whole = new ArrayList<>();

  private Leftovers(Path directory) {
    this.directory = directory;
  }

  /**
   * Looks for unfinished work, all of which lies in the mixture's own folder. Without the write
   * lock, a writer's work looks unfinished.
   */
  static Leftovers of(Path directory) throws IOException {
    Leftovers found = new Leftovers(directory);
    Path manifest = directory.resolve(MixtureManifest.FILE);
    for (Path path : DurableFiles.list(directory)) {
      String name = path.getFileName().toString();
      Optional<VersionFolder> begun = VersionFolder.unfinished(name);
      begun.ifPresent(found.taken::add);
      if (begun.isPresent()
          ? VersionFolder.isFolder(path)
          : AtomicFile.isUnfinished(name, manifest)
              && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        found.unfinished.add(path);
      }
    }
    return found;
  }

  /**
   * Looks at the versions of one adapter, or of the router if the domain is empty, and at what
   * earlier releases left unfinished beside them.
   */
  static Leftovers of(Path directory, Optional<String> domain) throws IOException {
    Leftovers found = new Leftovers(directory);
    if (domain.isEmpty() || VersionFolder.isFolder(directory.resolve(VersionFolder.ADAPTERS))) {
      found.look(domain);
    }
    return found;
  }

  /** Looks through the whole mixture. */
  static Leftovers everywhere(Path directory) throws IOException {
    Leftovers found = of(directory);
    found.look(Optional.empty());
    Path adapters = directory.resolve(VersionFolder.ADAPTERS);
    for (Path path :
        VersionFolder.isFolder(adapters) ? DurableFiles.list(adapters) : List.<Path>of()) {
      String name = path.getFileName().toString();
      if (DomainNames.isValid(name)) {
        found.look(Optional.of(name));
      }
    }
    return found;
  }

  private void look(Optional<String> domain) throws IOException {
    Path parent = VersionFolder.parentUnder(directory, domain);
    if (!VersionFolder.isFolder(parent)) {
      return;
    }
    for (Path path : DurableFiles.list(parent)) {
      String name = path.getFileName().toString();
      Optional<VersionFolder> begun = VersionFolder.unfinished(domain, name);
      Optional<VersionFolder> version = VersionFolder.named(domain, name);
      begun.or(() -> version).ifPresent(taken::add);
      if (!VersionFolder.isFolder(path)) {
        continue; // a link or a file, which is not ours
      }
      // A writer of an earlier release filled a folder under its final name.
      if (begun.isPresent() || (version.isPresent() && isEmpty(path))) {
        unfinished.add(path);
      } else {
        version.ifPresent(whole::add);
      }
    }
  }

  /** A folder that may not be looked into is not provably empty: it must not stop writers. */
  private static boolean isEmpty(Path folder) throws IOException {
    try {
      return DurableFiles.list(folder).isEmpty();
    } catch (AccessDeniedException e) {
      return false;
    }
  }

  /** Tells whether there is unfinished work to be deleted. */
  boolean isUnfinished() {
    return !unfinished.isEmpty();
  }

  /** Returns the highest number that one of the folders has or had; 0 if there is none. */
  int lastTaken() {
    return taken.stream().mapToInt(VersionFolder::version).max().orElse(0);
  }

  /** Returns a manifest that gives no number again that a folder has or had. */
  MixtureManifest markTaken(MixtureManifest manifest) {
    MixtureManifest marked = manifest;
    for (VersionFolder folder : taken) {
      marked = marked.withTaken(folder);
    }
    return marked;
  }

  /** Returns the whole versions that the manifest neither names nor calls retired. */
  List<VersionFolder> unlisted(MixtureManifest manifest) {
    return whole.stream()
        .filter(folder -> !manifest.names(folder) && !manifest.retired().containsKey(folder))
        .toList();
  }

  /** Deletes unfinished work, except for empty folders that the manifest names. */
  void deleteUnfinished(WriteLock lock, MixtureManifest manifest) {
    lock.checkHeld();
    for (Path path : unfinished) {
      try {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          Files.delete(path);
        } else if (!isNamed(path, manifest)) {
          DurableFiles.deleteTree(path);
          if (!path.getParent().equals(directory)) {
            deleteIfEmpty(path.getParent());
          }
        }
      } catch (IOException e) {
        notYet(path, e);
      }
    }
  }

  private boolean isNamed(Path path, MixtureManifest manifest) {
    String relative = directory.relativize(path).toString().replace('\\', '/');
    return VersionFolder.parse(relative).filter(manifest::names).isPresent();
  }

  /**
   * Deletes versions that were retired before an instant.
   *
   * @return the manifest without the versions that are gone
   */
  static MixtureManifest deleteRetired(WriteLock lock, MixtureManifest manifest, Instant expiry) {
    MixtureManifest rest = manifest;
    for (VersionFolder folder : List.copyOf(manifest.retired().keySet())) {
      if (manifest.retired().get(folder).isBefore(expiry)) {
        try {
          delete(lock, manifest.state().directory(), folder);
          rest = rest.withoutRetired(folder);
        } catch (MixtureException | IOException e) {
          notYet(folder.under(manifest.state().directory()), e);
        }
      }
    }
    return rest;
  }

  /**
   * Deletes a version, so that a reader finds it whole or not at all.
   *
   * @throws MixtureException if a link leads to it
   */
  static void delete(WriteLock lock, Path directory, VersionFolder folder) throws IOException {
    lock.checkHeld();
    folder.checkNoLink(directory);
    Path path = folder.under(directory);
    Path deleted = folder.deletedUnder(directory);
    try {
      DurableFiles.rename(path, deleted);
    } catch (NoSuchFileException e) {
      return; // gone already
    }
    DurableFiles.deleteTree(deleted);
    deleteIfEmpty(path.getParent());
  }

  /** Deletes the folder of a removed domain, if that was its last version. */
  private static void deleteIfEmpty(Path parent) throws IOException {
    try {
      Files.deleteIfExists(parent);
    } catch (DirectoryNotEmptyException e) {
      logger.trace("{} is still in use", parent);
    }
  }

  /** Windows deletes no file that is mapped or open. The next writer tries again. */
  private static void notYet(Path path, Exception e) {
    logger.debug("{} could not be removed yet", path, e);
  }
}
