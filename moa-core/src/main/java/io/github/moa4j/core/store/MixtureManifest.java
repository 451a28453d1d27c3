package io.github.moa4j.core.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.moa4j.core.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The content of {@code moa.json}: the state that everybody sees, and what only writers need.
 *
 * @param state the committed state
 * @param lastVersions the highest version ever given to a domain, removed domains included
 * @param lastRouterVersion the highest version ever given to a router, 0 before the first
 * @param retired folders of replaced and removed versions that may still exist, and since when
 * @param unknown fields that this version of the library does not know, kept as they are
 */
record MixtureManifest(
    MixtureState state,
    Map<String, Integer> lastVersions,
    int lastRouterVersion,
    Map<VersionFolder, Instant> retired,
    Map<String, JsonNode> unknown) {

  static final String FILE = "moa.json";
  static final int FORMAT_VERSION = 1;

  private static final JsonMapper JSON = new JsonMapper();

  MixtureManifest {
    lastVersions = Collections.unmodifiableMap(new LinkedHashMap<>(lastVersions));
    retired = Collections.unmodifiableMap(new LinkedHashMap<>(retired));
    unknown = Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
  }

  /** The manifest of a mixture without domains. */
  static MixtureManifest empty(Path directory, String baseFingerprint, Optional<String> base) {
    return new MixtureManifest(
        new MixtureState(directory, baseFingerprint, base, Map.of(), OptionalInt.empty()),
        Map.of(),
        0,
        Map.of(),
        Map.of());
  }

  /**
   * Makes this the committed state of the mixture: the commit point. Only the holder of the lock
   * may.
   */
  void write(WriteLock lock) throws IOException {
    lock.checkHeld();
    AtomicFile.write(
        state.directory().resolve(FILE),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(toJson()),
        MixtureException::new);
  }

  /** Tells whether a folder is part of the committed state. */
  boolean names(VersionFolder folder) {
    return folder
        .domain()
        .map(
            name ->
                state.domains().containsKey(name)
                    && state.domains().get(name).version() == folder.version())
        .orElseGet(
            () ->
                state.routerVersion().isPresent()
                    && state.routerVersion().getAsInt() == folder.version());
  }

  /** Returns the highest version ever given to that adapter or to the router; 0 if none was. */
  int lastVersion(Optional<String> domain) {
    return domain.map(name -> lastVersions.getOrDefault(name, 0)).orElse(lastRouterVersion);
  }

  /** Returns a manifest that knows that this version number is taken. */
  MixtureManifest withTaken(VersionFolder folder) {
    if (folder.version() <= lastVersion(folder.domain())) {
      return this;
    }
    Map<String, Integer> last = new LinkedHashMap<>(lastVersions);
    folder.domain().ifPresent(name -> last.put(name, folder.version()));
    int lastRouter = folder.domain().isPresent() ? lastRouterVersion : folder.version();
    return new MixtureManifest(state, last, lastRouter, retired, unknown);
  }

  /** Returns a manifest that no longer mentions a retired folder. */
  MixtureManifest withoutRetired(VersionFolder folder) {
    Map<VersionFolder, Instant> rest = new LinkedHashMap<>(retired);
    rest.remove(folder);
    return new MixtureManifest(state, lastVersions, lastRouterVersion, rest, unknown);
  }

  private ObjectNode toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("formatVersion", FORMAT_VERSION);
    root.put("baseFingerprint", state.baseFingerprint());
    state.base().ifPresent(base -> root.put("base", base));
    ObjectNode domains = root.putObject("domains");
    state
        .domains()
        .forEach(
            (name, domain) ->
                domains
                    .putObject(name)
                    .put("version", domain.version())
                    .put("verified", domain.verified())
                    .put("committed", domain.committed().toString()));
    state.routerVersion().ifPresent(version -> root.putObject("router").put("version", version));
    ObjectNode last = root.putObject("lastVersions");
    lastVersions.forEach(last::put);
    root.put("lastRouterVersion", lastRouterVersion);
    ObjectNode old = root.putObject("retired");
    retired.forEach((folder, since) -> old.put(folder.toString(), since.toString()));
    unknown.forEach(root::set);
    return root;
  }
}
