package io.github.moa4j.core.store;

import io.github.moa4j.core.files.Failure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
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
 * @param base where the base was when the mixture was created, a path or a name; a hint, not a
 *     proof
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
   * @param committed when this version became the domain's adapter
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
   * Returns where the base was when the mixture was created.
   *
   * @throws MixtureException if the mixture does not say, or what it says is no path on this system
   */
  public Path baseDirectory() {
    String stored =
        base.orElseThrow(
            () ->
                new MixtureException(
                    "The mixture in "
                        + directory
                        + " does not say where its base is: name the base's directory."));
    try {
      return Path.of(stored);
    } catch (InvalidPathException e) {
      throw new MixtureException(
          "The mixture in "
              + directory
              + " says that its base is in '"
              + Failure.quote(stored)
              + "', which is no path here: name the base's directory.",
          e);
    }
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
