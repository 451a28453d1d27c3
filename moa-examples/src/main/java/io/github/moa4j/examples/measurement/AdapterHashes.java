package io.github.moa4j.examples.measurement;

import io.github.moa4j.core.store.MixtureDirectory;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The interference check: what the files of a mixture's adapters, and of its base, hash to.
 *
 * @param hashes by domain; {@code (base)} for the base
 */
public record AdapterHashes(Map<String, String> hashes) {

  private static final int SHOWN = 16; // digits, of 64

  public AdapterHashes {
    hashes = Collections.unmodifiableMap(new LinkedHashMap<>(hashes));
  }

  public static AdapterHashes of(MixtureDirectory mixture) {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (String domain : mixture.state().domains().keySet()) {
      hashes.put(domain, FolderHash.of(mixture.adapterDirectory(domain)));
    }
    return new AdapterHashes(hashes);
  }

  public AdapterHashes withBase(Path directory) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("(base)", FolderHash.of(directory));
    all.putAll(hashes);
    return new AdapterHashes(all);
  }

  public AdapterHashes without(String domain) {
    Map<String, String> rest = new LinkedHashMap<>(hashes);
    rest.remove(domain);
    return new AdapterHashes(rest);
  }

  /** What is not there any more as it was. */
  public List<String> changedSince(AdapterHashes before) {
    return before.hashes.entrySet().stream()
        .filter(entry -> !entry.getValue().equals(hashes.get(entry.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A line a folder. */
  @Override
  public String toString() {
    return hashes.entrySet().stream()
        .map(entry -> "  %-10s %s".formatted(entry.getKey(), entry.getValue().substring(0, SHOWN)))
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
