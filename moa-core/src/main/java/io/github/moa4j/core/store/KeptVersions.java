package io.github.moa4j.core.store;

import io.github.moa4j.core.files.JsonObject;
import io.github.moa4j.core.lora.AdapterException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The versions of adapters that were active and can be so again. Immutable.
 *
 * @param limit how many of each domain are kept
 * @param versions of each domain in the order in which they ceased to be active
 */
record KeptVersions(int limit, Map<VersionFolder, MixtureState.Domain> versions) {

  static final String FIELD = "keptVersions";
  static final String LIMIT_FIELD = "keepVersions";
  static final KeptVersions NONE = new KeptVersions(3, Map.of());

  KeptVersions {
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
  }

  Map<Integer, MixtureState.Domain> of(String domain) {
    Map<Integer, MixtureState.Domain> own = new LinkedHashMap<>();
    versions.forEach(
        (folder, version) -> {
          if (folder.domain().equals(Optional.of(domain))) {
            own.put(folder.version(), version);
          }
        });
    return own;
  }

  /**
   * Returns a version that is to be activated.
   *
   * @throws AdapterException if it is not kept
   */
  MixtureState.Domain get(Path mixture, String domain, int version, int active) {
    Map<Integer, MixtureState.Domain> own = of(domain);
    if (!own.containsKey(version)) {
      throw new AdapterException(
          "Version "
              + version
              + " of domain '"
              + domain
              + "' is not kept in the mixture in "
              + mixture
              + ". Version "
              + active
              + " is active; kept are "
              + own.keySet().stream().sorted().toList()
              + ".");
    }
    return own.get(version);
  }

  /** Returns the versions of a domain that are too many, those active longest ago. */
  List<VersionFolder> beyondLimit(String domain) {
    List<VersionFolder> own =
        of(domain).keySet().stream()
            .map(version -> VersionFolder.adapter(domain, version))
            .toList();
    return own.subList(0, Math.max(0, own.size() - limit));
  }

  KeptVersions with(VersionFolder folder, MixtureState.Domain version) {
    Map<VersionFolder, MixtureState.Domain> more = new LinkedHashMap<>(versions);
    more.put(folder, version);
    return new KeptVersions(limit, more);
  }

  KeptVersions without(VersionFolder folder) {
    return only(other -> !other.equals(folder));
  }

  KeptVersions only(Predicate<VersionFolder> wanted) {
    Map<VersionFolder, MixtureState.Domain> rest = new LinkedHashMap<>(versions);
    rest.keySet().removeIf(wanted.negate());
    return new KeptVersions(limit, rest);
  }

  KeptVersions limited(int most) {
    return new KeptVersions(most, versions);
  }

  void write(Map<String, Object> root) {
    if (limit != NONE.limit) {
      root.put(LIMIT_FIELD, limit);
    }
    if (!versions.isEmpty()) {
      Map<String, Object> kept = new LinkedHashMap<>();
      versions.forEach(
          (folder, version) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("verified", version.verified());
            entry.put("committed", version.committed().toString());
            kept.put(folder.toString(), entry);
          });
      root.put(FIELD, kept);
    }
  }

  /** Reads what {@link #write} writes; earlier releases write none. */
  static KeptVersions read(JsonObject root) {
    JsonObject object = root.objectOrEmpty(FIELD);
    Map<VersionFolder, MixtureState.Domain> kept = new LinkedHashMap<>();
    for (String path : object.keys()) {
      VersionFolder folder =
          VersionFolder.parse(path)
              .filter(found -> found.domain().isPresent())
              .orElseThrow(() -> object.wrongKey(path, "it is not the folder of an adapter"));
      JsonObject entry = object.object(path);
      kept.put(
          folder,
          new MixtureState.Domain(
              folder.version(), entry.bool("verified"), instant(entry, "committed")));
    }
    int limit = root.has(LIMIT_FIELD) ? root.integer(LIMIT_FIELD, 0) : NONE.limit;
    return new KeptVersions(limit, kept);
  }

  static Instant instant(JsonObject object, String key) {
    try {
      return Instant.parse(object.text(key));
    } catch (DateTimeException e) {
      throw object.wrong(key, "an instant such as \"2026-01-31T12:00:00Z\"");
    }
  }
}
