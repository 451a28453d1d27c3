package io.github.moa4j.training.mixture;

import io.github.moa4j.core.lora.PeftFormat;
import io.github.moa4j.core.store.AdapterVersion;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.Provenance;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which versions of a mixture's adapters have seen a file of training data, by what their
 * provenance says, and how to be rid of them. A file is known by the SHA-256 of its bytes, whatever
 * its name. Active versions count and those that are kept to be activated again.
 *
 * @param versions what has seen it, or may have, by domain and number
 */
public record SeenData(List<Version> versions) {

  /** How a version came by the file. */
  public enum How {
    /** It was trained on the file. */
    TRAINED,
    /** It was trained from the parameters of an adapter that had seen the file. */
    INHERITED,
    /**
     * Nobody knows: it has no provenance, or started from an adapter that is not in the mixture or
     * of which nobody knows.
     */
    UNKNOWN
  }

  /**
   * A version of a domain's adapter.
   *
   * @param active whether requests get it
   */
  public record Version(String domain, int version, boolean active, How how) {}

  /** Copies the list. */
  public SeenData {
    versions = List.copyOf(versions);
  }

  /**
   * Looks for a file.
   *
   * @param sha256 the hash of its bytes, 64 hexadecimal digits in lower case
   * @throws IllegalArgumentException if that is no hash
   * @throws io.github.moa4j.core.MoaException if a version cannot be read
   */
  public static SeenData of(MixtureDirectory mixture, String sha256) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256 is '" + sha256 + "', expected 64 hexadecimal digits in lower case");
    }
    Map<Version, Optional<Provenance>> all = new LinkedHashMap<>();
    for (String domain : mixture.state().domains().keySet()) {
      for (AdapterVersion version : mixture.versions(domain)) {
        all.put(
            new Version(domain, version.version(), version.active(), How.UNKNOWN),
            version.provenance());
      }
    }
    return new SeenData(new Search(mixture, sha256, all).found());
  }

  /** Returns those that have seen the file, not those of which nobody knows. */
  public List<Version> certain() {
    return versions.stream().filter(version -> version.how() != How.UNKNOWN).toList();
  }

  /**
   * Removes every version that has seen the file, and its files with it: domains whose active one
   * has, together with what the routers know of them, and versions that other domains keep. Those
   * of which nobody knows stay.
   *
   * @param routers fits the routers to the domains that stay
   * @return the domains that are gone
   */
  public List<String> drop(MixtureDirectory mixture, MixtureRouters routers) {
    List<String> gone =
        certain().stream().filter(Version::active).map(Version::domain).distinct().toList();
    gone.forEach(domain -> routers.remove(mixture, domain));
    dropKept(mixture);
    return gone;
  }

  /**
   * Removes the versions that have seen the file and are kept beside the active one, with their
   * files: after a domain was trained anew without the file, what the mixture keeps of it.
   */
  public void dropKept(MixtureDirectory mixture) {
    mixture.commit(
        change -> {
          for (Version version : certain()) {
            boolean active =
                Optional.ofNullable(change.state().domains().get(version.domain()))
                    .filter(domain -> domain.version() == version.version())
                    .isPresent();
            if (!active && mixture.isKept(version.domain(), version.version())) {
              change.removeVersion(version.domain(), version.version());
            }
          }
        });
    mixture.removeRetired();
  }

  /** Finds what was trained on the file, and what started from that, and so on. */
  private record Search(
      MixtureDirectory mixture, String sha256, Map<Version, Optional<Provenance>> all) {

    List<Version> found() {
      Map<Version, How> seen = new LinkedHashMap<>();
      Set<String> hashes = new HashSet<>(); // of adapters that have seen the file
      Set<String> doubtful = new HashSet<>(); // of adapters of which nobody knows
      boolean parents = all.values().stream().anyMatch(this::hasParent);
      Map<Version, String> hashOf = new LinkedHashMap<>();
      if (parents) {
        all.keySet().forEach(version -> hashOf.put(version, hash(version)));
      }
      for (boolean more = true; more; ) {
        more = false;
        for (Map.Entry<Version, Optional<Provenance>> entry : all.entrySet()) {
          Optional<How> how = how(entry.getValue(), hashes, doubtful, Set.copyOf(hashOf.values()));
          boolean unknown = how.equals(Optional.of(How.UNKNOWN));
          if (how.isPresent() && seen.get(entry.getKey()) != how.get()) {
            seen.put(entry.getKey(), how.get());
            more = true;
          }
          if (how.isPresent() && parents) {
            (unknown ? doubtful : hashes).add(hashOf.get(entry.getKey()));
          }
        }
      }
      List<Version> found = new ArrayList<>();
      for (Version version : all.keySet()) {
        if (seen.containsKey(version)) {
          found.add(
              new Version(
                  version.domain(), version.version(), version.active(), seen.get(version)));
        }
      }
      return found;
    }

    private boolean hasParent(Optional<Provenance> provenance) {
      return provenance.flatMap(Provenance::parent).isPresent();
    }

    private Optional<How> how(
        Optional<Provenance> provenance,
        Set<String> seen,
        Set<String> doubtful,
        Set<String> known) {
      if (provenance.isEmpty()) {
        return Optional.of(How.UNKNOWN);
      }
      if (provenance.get().data().stream().anyMatch(file -> file.sha256().equals(sha256))) {
        return Optional.of(How.TRAINED);
      }
      return provenance
          .get()
          .parent()
          .filter(
              parent ->
                  seen.contains(parent) || doubtful.contains(parent) || !known.contains(parent))
          .map(parent -> seen.contains(parent) ? How.INHERITED : How.UNKNOWN);
    }

    private String hash(Version version) {
      return mixture.readAdapter(
          version.domain(), version.version(), folder -> PeftFormat.read(folder).sha256());
    }
  }
}
