package io.github.moa4j.server;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.registry.AdapterSource;
import io.github.moa4j.router.MixtureOfLoras;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Changes the adapters of a running server by request, where its owner allows it. What is loaded so
 * lasts as long as the server: the mixture's files stay as they are.
 */
final class Adapters {

  private final MixtureOfLoras mixture;
  private final Models models;
  private final Optional<Path> folder;

  Adapters(MixtureOfLoras mixture, Models models, Optional<Path> folder) {
    this.mixture = mixture;
    this.models = models;
    this.folder = folder;
  }

  /** Does what a request's body says, and returns what came of it. */
  interface Change {
    Map<String, Object> make(byte[] body);
  }

  /** Loads an adapter out of the folder under a new name. */
  Map<String, Object> load(byte[] body) {
    Path allowed = allowed();
    Fields fields = Fields.parse(body);
    String name = fields.text("lora_name");
    Path path = within(allowed, fields.text("lora_path"));
    fields.requireNoOthers();
    if (models.isReserved(name)) {
      throw ApiError.badRequest(
          "lora_name", "'" + name + "' is the name of the router or the base; choose another.");
    }
    if (mixture.registry().contains(name)) {
      throw ApiError.badRequest("lora_name", "There is an adapter '" + name + "' already.");
    }
    try {
      mixture.registry().add(name, AdapterSource.directory(path));
      acquire(name);
    } catch (MoaException e) {
      throw ApiError.badRequest("lora_path", e.getMessage());
    }
    return Map.of("id", name, "status", "loaded");
  }

  /** Loads an adapter, so that one that cannot be used is refused now. */
  private void acquire(String name) {
    try {
      mixture.registry().acquire(name).close();
    } catch (MoaException e) {
      mixture.registry().remove(name);
      throw e;
    }
  }

  /** Lets an adapter answer no more; those under way go on. */
  Map<String, Object> unload(byte[] body) {
    Path unused = allowed();
    Fields fields = Fields.parse(body);
    String name = fields.text("lora_name");
    fields.ignore("lora_int_id");
    fields.requireNoOthers();
    try {
      mixture.registry().remove(name);
    } catch (AdapterException e) {
      throw ApiError.noModel(name);
    }
    return Map.of("id", name, "status", "unloaded");
  }

  /** Takes over what was committed to the mixture since. */
  Map<String, Object> reload(byte[] body) {
    Path unused = allowed();
    if (body.length > 0) {
      Fields.parse(body).requireNoOthers();
    }
    mixture.refresh();
    return Map.of("status", "reloaded");
  }

  private Path allowed() {
    return folder.orElseThrow(
        () -> ApiError.notAllowed("This server's adapters cannot be changed by request."));
  }

  /** A path leads out of a folder by its text or by a symbolic link. */
  private static Path within(Path folder, String text) {
    try {
      Path root = folder.toRealPath();
      Path path = root.resolve(text).toRealPath();
      if (path.startsWith(root)) {
        return path;
      }
    } catch (IOException | InvalidPathException e) {
      throw ApiError.badRequest("lora_path", "There is no such folder among the adapters.");
    }
    throw ApiError.badRequest("lora_path", "There is no such folder among the adapters.");
  }
}
