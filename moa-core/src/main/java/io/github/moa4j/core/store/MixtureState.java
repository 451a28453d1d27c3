package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Failure;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One committed state of a mixture: what {@code moa.json} said at one instant. It never changes;
 * later commits make new states.
 *
 * @param directory the mixture directory
 * @param baseFingerprint the fingerprint of the base that all adapters and the router belong to
 * @param base where the base was when the mixture was created: a repository of the hub, or a path,
 *     from the mixture's folder on; a hint, not a proof, which is the fingerprint
 * @param domains the domains by name, in the order in which they were added
 * @param routerVersion the version of the router; empty before the first one
 * @param prompts what all prompts are rendered with
 */
public record MixtureState(
    Path directory,
    String baseFingerprint,
    Optional<String> base,
    Map<String, Domain> domains,
    OptionalInt routerVersion,
    PromptSettings prompts) {

  /**
   * One domain's adapter.
   *
   * @param version 1 or more; a number is given to one adapter of the domain only, ever
   * @param verified whether the adapter is known to be of this base: its provenance says so, or the
   *     user pinned it
   * @param committed when this version was added to the mixture
   */
  public record Domain(int version, boolean verified, Instant committed) {
    /** Checks the version. */
    public Domain {
      if (version < 1) {
        throw new IllegalArgumentException("version is " + version + ", expected 1 or more");
      }
      Objects.requireNonNull(committed, "committed");
    }
  }

  /** Copies the domains. */
  public MixtureState {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(baseFingerprint, "baseFingerprint");
    Objects.requireNonNull(base, "base");
    Objects.requireNonNull(routerVersion, "routerVersion");
    Objects.requireNonNull(prompts, "prompts");
    domains = Collections.unmodifiableMap(new LinkedHashMap<>(domains));
  }

  /**
   * Returns a domain.
   *
   * @throws io.github.moa4j.core.lora.AdapterException if there is none of that name; the message
   *     lists those there are
   */
  public Domain domain(String name) {
    Domain domain = domains.get(name);
    if (domain == null) {
      throw DomainNames.unknown(name, domains.keySet());
    }
    return domain;
  }

  /**
   * Returns the folder of a domain's adapter in this state. It is kept for a while after a later
   * commit replaced it ({@link MixtureDirectory#RETENTION}).
   *
   * @throws io.github.moa4j.core.lora.AdapterException if there is no such domain
   * @throws MixtureException if a symbolic link leads to the folder or lies in it
   */
  public Path adapterDirectory(String domain) {
    return VersionFolder.adapter(domain, domain(domain).version()).realUnder(directory);
  }

  /**
   * Returns the folder of the router in this state; empty if none was set yet.
   *
   * @throws MixtureException if a symbolic link leads to the folder or lies in it
   */
  public Optional<Path> routerDirectory() {
    return routerVersion.isEmpty()
        ? Optional.empty()
        : Optional.of(VersionFolder.router(routerVersion.getAsInt()).realUnder(directory));
  }

  /**
   * Returns where the base may be by what the mixture says, the likeliest place first, whether
   * anything is there or not: where it was, seen from the mixture, and beside the mixture.
   */
  public List<Path> basePlaces() {
    return base.map(stored -> BaseReference.places(directory, stored)).orElse(List.of());
  }

  /** Returns the repository of the hub that the base came from, such as {@code org/name}. */
  public Optional<String> baseRepository() {
    return base.flatMap(BaseReference::repository);
  }

  /**
   * Checks that the mixture belongs to a base.
   *
   * @throws MixtureException if the fingerprint is another
   */
  public void checkBase(String fingerprint) {
    if (!baseFingerprint.equals(fingerprint)) {
      throw new MixtureException(
          "The mixture in "
              + directory
              + " belongs to the base with fingerprint "
              + Failure.quote(baseFingerprint)
              + base.map(where -> " (" + Failure.quote(where) + ")").orElse("")
              + ", but the base given has "
              + fingerprint
              + ". Open it with its own base.");
    }
  }
}
