package io.github.moa4j.core.store;

import io.github.moa4j.core.encryption.EncryptionException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One version of a domain's adapter: the active one, or one that is kept to be activated again.
 *
 * @param version its number, 1 or more
 * @param active whether requests get it
 * @param verified whether it is known to be of the mixture's base
 * @param committed when it was added to the mixture
 * @param provenance what it was trained on and how; empty beside an adapter from elsewhere
 * @param damage why it cannot be activated, as its files are missing or cannot be read; empty for a
 *     version whose files are there
 */
public record AdapterVersion(
    int version,
    boolean active,
    boolean verified,
    Instant committed,
    Optional<Provenance> provenance,
    Optional<String> damage) {

  /** Returns the measures at the checkpoint that was chosen, by name; none if nobody knows. */
  public Map<String, Double> metrics() {
    return provenance.map(Provenance::metrics).orElse(Map.of());
  }

  /** Lists those of a domain, the highest number first. */
  static List<AdapterVersion> all(MixtureManifest mixture, String domain, VersionFiles files) {
    MixtureState.Domain active = mixture.state().domain(domain);
    return Stream.concat(Stream.of(active), mixture.kept().of(domain).values().stream())
        .sorted(Comparator.comparingInt(MixtureState.Domain::version).reversed())
        .map(
            entry ->
                of(
                    mixture.state().directory(),
                    VersionFolder.adapter(domain, entry.version()),
                    files,
                    entry,
                    entry.version() == active.version()))
        .toList();
  }

  private static AdapterVersion of(
      Path mixture,
      VersionFolder folder,
      VersionFiles files,
      MixtureState.Domain entry,
      boolean active) {
    Optional<Provenance> provenance = Optional.empty();
    Optional<String> damage = Optional.empty();
    try {
      folder.checkThere(mixture);
      provenance = files.provenance(mixture, folder);
    } catch (MixtureException | EncryptionException e) {
      damage = Optional.of(e.getMessage());
    }
    return new AdapterVersion(
        entry.version(), active, entry.verified(), entry.committed(), provenance, damage);
  }
}
