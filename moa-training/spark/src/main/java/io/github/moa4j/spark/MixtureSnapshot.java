package io.github.moa4j.spark;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.files.AtomicFile;
import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One committed state of a stored mixture. The driver reads it once, so that every executor, and
 * every task that is tried again, works with the same one, whatever is committed meanwhile.
 *
 * @param folder where the mixture is
 * @param manifest the text of its {@code moa.json}
 */
record MixtureSnapshot(StoredFolder folder, String manifest) implements Serializable {

  static final String MANIFEST = "moa.json";

  /**
   * Reads the state that is committed now.
   *
   * @throws MoaException if there is no mixture
   */
  static MixtureSnapshot of(StoredFolder folder) {
    if (!folder.has(MANIFEST)) {
      throw new MoaException(
          "There is no mixture in " + folder + ": it has no " + MANIFEST + ". Name its folder.");
    }
    return new MixtureSnapshot(folder, new String(folder.read(MANIFEST), StandardCharsets.UTF_8));
  }

  /** Opens the state in a new folder that holds nothing but what the mixture says of itself. */
  MixtureDirectory describeIn(Path target) {
    AtomicFile.write(
        target.resolve(MANIFEST), manifest.getBytes(StandardCharsets.UTF_8), MoaException::new);
    return MixtureDirectory.open(target);
  }

  /** Copies the state, its adapters and its router, into a new folder. */
  MixtureDirectory fetchInto(Path target) {
    MixtureDirectory copy = describeIn(target);
    for (String version : versions(copy.state())) {
      Path local = copy.directory().resolve(version);
      createParent(local);
      folder.child(version).fetch(local);
    }
    return copy;
  }

  private static void createParent(Path folder) {
    try {
      Files.createDirectories(folder.getParent());
    } catch (IOException e) {
      throw new MoaException("Cannot write " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** The folders of a state's adapters and of its router, from the mixture's own on. */
  static List<String> versions(MixtureState state) {
    List<Path> folders = new ArrayList<>();
    state.domains().keySet().forEach(domain -> folders.add(state.adapterDirectory(domain)));
    state.routerDirectory().ifPresent(folders::add);
    return folders.stream()
        .map(folder -> state.directory().relativize(folder).toString().replace('\\', '/'))
        .toList();
  }
}
