package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.DurableFiles;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.files.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One repository in the cache, laid out as Python's {@code huggingface_hub} does: {@code
 * blobs/ETAG} holds the bytes, {@code snapshots/COMMIT/FILE} links to them, {@code refs/REVISION}
 * names a commit.
 */
final class HubCache {

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private final Path root;
  private final String repository;
  private final Path folder;

  HubCache(Path root, String repository) {
    this.root = root;
    this.repository = repository;
    this.folder = root.resolve(folderName());
  }

  private String folderName() {
    return "models--" + repository.replace("/", "--");
  }

  String repository() {
    return repository;
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  Path snapshot(String commit) {
    return folder.resolve("snapshots").resolve(commit);
  }

  Path blob(String hash) {
    return folder.resolve("blobs").resolve(hash);
  }

  /** Where a blob grows; not Python's name for it, which appends without a lock that Java sees. */
  Path incomplete(String hash) {
    return folder.resolve("blobs").resolve(hash + ".moa4j.incomplete");
  }

  Path lock(String hash) {
    return root.resolve(".locks").resolve(folderName()).resolve(hash + ".lock");
  }

  /** Returns the snapshot that a revision was when it was last looked up, if all of it is there. */
  Optional<Path> find(String revision) {
    Path reference = folder.resolve("refs").resolve(revision);
    String commit = revision;
    if (!isCommit(revision)) {
      if (!Files.isRegularFile(reference)) {
        return Optional.empty();
      }
      commit = TextFile.read(reference, 1 << 10, HubException::new).strip();
    }
    return Optional.of(commit)
        .filter(HubCache::isCommit)
        .map(this::snapshot)
        .filter(HubCache::isComplete);
  }

  /** Whether a folder has all that a base is loaded from. */
  private static boolean isComplete(Path snapshot) {
    if (!Files.exists(snapshot.resolve("config.json"))
        || !Files.exists(snapshot.resolve("tokenizer.json"))) {
      return false;
    }
    if (Files.exists(snapshot.resolve(HubFiles.SINGLE))) {
      return true;
    }
    Path index = snapshot.resolve(HubFiles.INDEX);
    return Files.exists(index)
        && HubFiles.shards(JsonObject.read(index, HubException::new)).stream()
            .allMatch(shard -> Files.exists(snapshot.resolve(shard)));
  }

  /** Remembers which commit a branch or tag is. */
  void refer(String revision, String commit) {
    if (!isCommit(revision)) {
      Path reference = folder.resolve("refs").resolve(revision);
      create(reference.getParent());
      AtomicFile.write(reference, commit.getBytes(StandardCharsets.UTF_8), HubException::new);
    }
  }

  /** Puts a blob into a snapshot, by a link; by another name of the same file where none can be. */
  void link(String commit, String file, String hash) {
    Path link = snapshot(commit).resolve(file);
    create(link.getParent());
    if (Files.exists(link)) {
      return;
    }
    try {
      Files.deleteIfExists(link); // one that leads nowhere
      link(link, blob(hash));
    } catch (FileAlreadyExistsException e) {
      // somebody else has just put it there
    } catch (IOException e) {
      throw failed("put " + file + " into the snapshot", e);
    }
  }

  private static void link(Path link, Path blob) throws IOException {
    try {
      Files.createSymbolicLink(link, link.getParent().relativize(blob));
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      hardLink(link, blob);
    }
  }

  private static void hardLink(Path link, Path blob) throws IOException {
    try {
      Files.createLink(link, blob);
    } catch (UnsupportedOperationException e) {
      DurableFiles.copy(blob, link, HubException::new);
    }
  }

  /** Makes a folder, and those above it. */
  void create(Path path) {
    try {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(path);
      }
    } catch (IOException e) {
      throw failed("make the folder " + path, e);
    }
  }

  HubException failed(String what, IOException e) {
    return new HubException(
        "Cannot "
            + what
            + " in the cache "
            + root
            + ": "
            + Failure.reason(e)
            + ". HF_HUB_CACHE names another folder.",
        e);
  }
}
