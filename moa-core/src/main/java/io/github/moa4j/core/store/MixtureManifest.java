package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Json;
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
 * @param kept versions that are not active and can be activated
 * @param unknown fields that this version of the library does not know, kept as they are
 */
record MixtureManifest(
    MixtureState state,
    Map<String, Integer> lastVersions,
    int lastRouterVersion,
    Map<VersionFolder, Instant> retired,
    KeptVersions kept,
    Map<String, Object> unknown) {

  static final String FILE = "moa.json";
  static final int FORMAT_VERSION = 1;

  MixtureManifest {
    lastVersions = Collections.unmodifiableMap(new LinkedHashMap<>(lastVersions));
    retired = Collections.unmodifiableMap(new LinkedHashMap<>(retired));
    unknown = Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
  }

  /** The manifest of a mixture without domains. */
  static MixtureManifest empty(Path directory, String baseFingerprint, Optional<String> base) {
    return new MixtureManifest(
        new MixtureState(
            directory, baseFingerprint, base, Map.of(), OptionalInt.empty(), PromptSettings.NONE),
        Map.of(),
        0,
        Map.of(),
        KeptVersions.NONE,
        Map.of());
  }

  /** Tells whether a folder is part of the committed state, or kept. */
  boolean names(VersionFolder folder) {
    return kept.versions().containsKey(folder) || isActive(folder);
  }

  boolean isActive(VersionFolder folder) {
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

  /** Returns the version that was active before the present one; empty if none is kept. */
  OptionalInt previousVersion(String domain) {
    state.domain(domain);
    return kept.of(domain).keySet().stream()
        .mapToInt(version -> version)
        .reduce((earlier, later) -> later);
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
    return new MixtureManifest(state, last, lastRouter, retired, kept, unknown);
  }

  /**
   * Returns a manifest in which nothing is retired later than now, as it is when the clock was
   * wrong and has been put back: it would stay until that day.
   */
  MixtureManifest retiredBy(Instant now) {
    if (retired.values().stream().noneMatch(now::isBefore)) {
      return this;
    }
    Map<VersionFolder, Instant> earlier = new LinkedHashMap<>(retired);
    earlier.replaceAll((folder, since) -> now.isBefore(since) ? now : since);
    return new MixtureManifest(state, lastVersions, lastRouterVersion, earlier, kept, unknown);
  }

  /** Returns a manifest that no longer mentions a retired folder. */
  MixtureManifest withoutRetired(VersionFolder folder) {
    Map<VersionFolder, Instant> rest = new LinkedHashMap<>(retired);
    rest.remove(folder);
    return new MixtureManifest(state, lastVersions, lastRouterVersion, rest, kept, unknown);
  }

  byte[] toBytes() {
    return Json.pretty(toJson());
  }

  private Map<String, Object> toJson() {
    Map<String, Object> domains = new LinkedHashMap<>();
    state
        .domains()
        .forEach(
            (name, domain) ->
                domains.put(
                    name,
                    object(
                        "version", domain.version(),
                        "verified", domain.verified(),
                        "committed", domain.committed().toString())));
    Map<String, Object> old = new LinkedHashMap<>();
    retired.forEach((folder, since) -> old.put(folder.toString(), since.toString()));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("formatVersion", FORMAT_VERSION);
    root.put("baseFingerprint", state.baseFingerprint());
    state.base().ifPresent(base -> root.put("base", base));
    root.put("domains", domains);
    state.routerVersion().ifPresent(version -> root.put("router", Map.of("version", version)));
    if (!state.prompts().variables().isEmpty()) {
      root.put("promptVariables", state.prompts().variables());
    }
    state.prompts().chatTemplate().ifPresent(template -> root.put("chatTemplate", template));
    root.put("lastVersions", lastVersions);
    root.put("lastRouterVersion", lastRouterVersion);
    root.put("retired", old);
    kept.write(root);
    root.putAll(unknown);
    return root;
  }

  private static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }
}
