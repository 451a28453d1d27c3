package io.github.moa4j.core.registry;

import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.store.MixtureDirectory;
import java.util.HashSet;
import java.util.Set;

/**
 * Versions that serve beside the active ones of their domains. In the pool they have names that no
 * domain can have. Not thread-safe.
 */
final class KeptAdapters {

  private static final String BESIDE = "@"; // then the version

  private record Kept(String domain, int version) {
    String name() {
      return domain + BESIDE + version;
    }
  }

  private final VersionedPool<LoadedAdapter> pool;
  private final AdapterLoader loader;
  private final Set<Kept> registered = new HashSet<>();

  KeptAdapters(VersionedPool<LoadedAdapter> pool, AdapterLoader loader) {
    this.pool = pool;
    this.loader = loader;
  }

  /** Returns the domain that a name in the pool belongs to. */
  static String domainOf(String name) {
    int end = name.indexOf(BESIDE);
    return end < 0 ? name : name.substring(0, end);
  }

  /**
   * Registers a version, unless it is, and returns its name in the pool.
   *
   * @throws AdapterException if the mixture does not keep it
   */
  String register(String domain, int version, Object owner) {
    Kept kept = new Kept(domain, version);
    if (!pool.contains(kept.name())) {
      if (!(owner instanceof MixtureDirectory mixture) || !mixture.isKept(domain, version)) {
        throw new AdapterException(
            "Version "
                + version
                + " of domain '"
                + domain
                + "' is not kept. The mixture lists those that are.");
      }
      pool.put(
          kept.name(),
          version,
          owner,
          () -> loader.open(domain, AdapterSource.version(mixture, domain, version)));
      registered.add(kept);
    }
    return kept.name();
  }

  /** Lets those go that a mixture keeps no more, or that are active now. */
  void sync(MixtureDirectory mixture) {
    registered.removeIf(
        kept -> {
          boolean active =
              pool.registration(kept.domain())
                  .filter(current -> current.version() == kept.version())
                  .isPresent();
          boolean stays = !active && mixture.isKept(kept.domain(), kept.version());
          if (!stays) {
            pool.remove(kept.name());
          }
          return !stays;
        });
  }
}
