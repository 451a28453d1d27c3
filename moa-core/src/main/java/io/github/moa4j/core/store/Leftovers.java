package io.github.moa4j.core.store;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What dead writers and old versions leave in a mixture directory: version folders that no state
 * mentions, retired ones whose time has come, half-deleted folders, the unfinished {@code
 * moa.json}.
 */
final class Leftovers {

  private static final String DELETED = ".deleted-"; // then the name of the folder
  private static final Logger logger = LoggerFactory.getLogger(Leftovers.class);

  private final Path directory;

  Leftovers(Path directory) {
    this.directory = directory;
  }

  /**
   * Finds leftovers. Without the write lock they may be what a writer is just writing.
   *
   * @param expiry retired versions stay if they were in use at this instant or later
   */
  List<Path> find(MixtureManifest manifest, Instant expiry) throws IOException {
    List<Path> found = new ArrayList<>();
    Path manifestFile = directory.resolve(MixtureManifest.FILE);
    for (Path path : DurableFiles.list(directory)) {
      if (AtomicFile.isUnfinished(path.getFileName().toString(), manifestFile)) {
        found.add(path);
      }
    }
    for (Optional<String> owner : owners()) {
      for (Path path : list(new VersionFolder(owner, 1).parentUnder(directory))) {
        String name = path.getFileName().toString();
        if (isDeleted(name) || isLeftover(owner, name, manifest, expiry)) {
          found.add(path);
        }
      }
    }
    return found;
  }

  /**
   * Removes leftovers. Their version numbers are marked as taken first, for somebody may have seen
   * them.
   *
   * @param expiry retired versions stay if they were in use at this instant or later
   * @return the manifest as it is on the disk now, without the retired versions that are gone
   */
  MixtureManifest remove(WriteLock lock, MixtureManifest manifest, Instant expiry)
      throws IOException {
    List<Path> found = find(manifest, expiry);
    MixtureManifest marked = manifest;
    for (Path path : found) {
      Optional<VersionFolder> folder = folderOf(path);
      if (folder.isPresent()) {
        marked = marked.withTaken(folder.get());
      }
    }
    if (!marked.equals(manifest)) {
      marked.write(lock);
    }
    for (Path path : found) {
      delete(path);
    }
    for (VersionFolder folder : List.copyOf(marked.retired().keySet())) {
      if (!Files.exists(folder.under(directory))) {
        marked = marked.withoutRetired(folder);
      }
    }
    return marked;
  }

  /** Lists the domains that have a folder, in the state or not, and the router. */
  private List<Optional<String>> owners() throws IOException {
    List<Optional<String>> owners = new ArrayList<>();
    owners.add(Optional.empty());
    for (Path path : list(directory.resolve(VersionFolder.ADAPTERS))) {
      String name = path.getFileName().toString();
      if (DomainNames.isValid(name)) {
        owners.add(Optional.of(name));
      }
    }
    return owners;
  }

  private boolean isLeftover(
      Optional<String> owner, String name, MixtureManifest manifest, Instant expiry) {
    Optional<Integer> version = VersionFolder.versionOf(name);
    if (version.isEmpty()) {
      return false;
    }
    VersionFolder folder = new VersionFolder(owner, version.get());
    Instant retired = manifest.retired().get(folder);
    return !manifest.names(folder) && (retired == null || retired.isBefore(expiry));
  }

  private static boolean isDeleted(String name) {
    return name.startsWith(DELETED)
        && VersionFolder.versionOf(name.substring(DELETED.length())).isPresent();
  }

  private Optional<VersionFolder> folderOf(Path path) {
    String relative = directory.relativize(path).toString().replace('\\', '/');
    return VersionFolder.parse(relative);
  }

  /** Deletes in such a way that a reader finds a version's folder whole or not at all. */
  private void delete(Path path) {
    try {
      String name = path.getFileName().toString();
      Path target = path;
      if (VersionFolder.versionOf(name).isPresent()) {
        target = path.resolveSibling(DELETED + name);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      }
      DurableFiles.deleteTree(target);
      if (!path.getParent().equals(directory)) {
        Files.delete(path.getParent()); // of a removed domain, if that was its last version
      }
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      logger.trace("{} is still in use", path.getParent());
    } catch (IOException e) {
      // Windows deletes no file that is mapped or open. The next writer tries again.
      logger.debug("{} could not be removed yet", path, e);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of(); // removed since
    }
  }
}
