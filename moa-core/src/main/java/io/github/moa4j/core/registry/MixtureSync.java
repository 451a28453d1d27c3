package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over into a registry what changed in a mixture. No file is looked at of a domain that
 * stayed as it was. Not thread-safe.
 *
 * @param pool of the registry
 * @param loader brings adapters into the engine's memory
 * @param lastVersions the highest version of each domain that the pool ever had
 */
record MixtureSync(
    VersionedPool<LoadedAdapter> pool, AdapterLoader loader, Map<String, Integer> lastVersions) {

  private static final Logger logger = LoggerFactory.getLogger(MixtureSync.class);

  /** Of so many new domains it is told at once what is wrong with them. */
  private static final int CHECKED_AT_ONCE = 100;

  /**
   * Makes the pool agree with a mixture, as far as its domains can be used.
   *
   * @throws AdapterException why the first cannot, with the reasons of others as suppressed ones
   */
  void sync(MixtureDirectory mixture, MixtureState state) {
    for (String domain : pool.names()) {
      if (!state.domains().containsKey(domain) && isOwnedBy(mixture, domain)) {
        pool.remove(domain);
      }
    }
    boolean checkNew =
        state.domains().keySet().stream()
                .filter(domain -> !pool.contains(domain))
                .limit(CHECKED_AT_ONCE + 1L)
                .count()
            <= CHECKED_AT_ONCE;
    AdapterException failure = null;
    for (String domain : state.domains().keySet()) {
      try {
        takeOver(mixture, state.domain(domain), domain, checkNew);
      } catch (MoaException | UncheckedIOException e) {
        AdapterException refusal = refusal(domain, e);
        refuse(mixture, state, refusal, domain);
        if (failure == null) {
          failure = refusal;
        } else {
          failure.addSuppressed(refusal);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void takeOver(
      MixtureDirectory mixture, MixtureState.Domain entry, String domain, boolean checkNew) {
    int version = entry.version();
    Optional<VersionedPool.Registration> old = pool.registration(domain);
    if (old.isPresent() && (!isOwnedBy(mixture, domain) || old.get().version() == version)) {
      return;
    }
    Supplier<Loadable<LoadedAdapter>> source = loading(mixture, domain, version);
    if (pool.isResident(domain)) {
      pool.put(version, mixture, pool.prepare(domain, source));
    } else {
      if (old.isPresent()) {
        checkWhole(mixture, domain, version);
      } else if (checkNew) {
        check(mixture, entry, domain);
      }
      pool.put(domain, version, mixture, source);
    }
    lastVersions.merge(domain, version, Math::max);
  }

  /** Holds on to the mixture and not to a state of it, which knows all other domains. */
  private Supplier<Loadable<LoadedAdapter>> loading(
      MixtureDirectory mixture, String domain, int version) {
    return () -> loader.open(domain, source(mixture, domain, version));
  }

  private void checkWhole(MixtureDirectory mixture, String domain, int version) {
    loader.open(domain, source(mixture, domain, version));
  }

  private void check(MixtureDirectory mixture, MixtureState.Domain entry, String domain) {
    loader.checkBase(domain, source(mixture, domain, entry.version()));
    if (!entry.verified()) {
      logger.info(
          "The adapter of domain '{}' says of no base that it is its own; pin it if you know.",
          domain);
    }
  }

  private static AdapterSource source(MixtureDirectory mixture, String domain, int version) {
    try {
      return AdapterSource.version(mixture, domain, version);
    } catch (MixtureException e) {
      throw refusal(domain, e);
    }
  }

  /**
   * Lets a domain that has no version to keep answer every request with the reason. Each looks
   * anew, as what could not be read for a moment is not damaged: an interrupted thread, a key store
   * that did not answer.
   */
  private void refuse(
      MixtureDirectory mixture, MixtureState state, AdapterException reason, String domain) {
    if (!pool.contains(domain)) {
      logger.warn(
          "Domain '{}' is refused as long as its adapter cannot be used: {}",
          domain,
          reason.getMessage());
      int version = state.domain(domain).version();
      lastVersions.merge(domain, version, Math::max);
      pool.put(domain, version, mixture, loading(mixture, domain, version));
    }
  }

  private static AdapterException refusal(String domain, RuntimeException reason) {
    return reason instanceof AdapterException known
        ? known
        : new AdapterException(
            "Adapter for domain '" + domain + "': " + reason.getMessage(), reason);
  }

  private boolean isOwnedBy(MixtureDirectory mixture, String domain) {
    return pool.registration(domain)
        .filter(
            found ->
                found.owner() instanceof MixtureDirectory owner
                    && owner.directory().equals(mixture.directory()))
        .isPresent();
  }
}
