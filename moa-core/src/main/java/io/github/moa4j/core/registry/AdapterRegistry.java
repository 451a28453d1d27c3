package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.checkpoint.ModelConfig;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The adapters of one base that running requests use, by domain.
 *
 * <p>An adapter is loaded into the engine's memory when it is first acquired. Adapters that nobody
 * uses are evicted, least recently used first, while all together take more than the memory budget;
 * they are loaded again when needed. What is in use is never evicted, so the budget can be exceeded
 * by what running requests need at once, and for an instant by an adapter that was just loaded.
 *
 * <p>Adapters may be added, replaced and removed at any time. A request keeps the version that it
 * acquired; the version's memory is freed when its last lease closes.
 *
 * <p>Thread-safe. Owns the loaded weights until {@link #close()}.
 */
public final class AdapterRegistry implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(AdapterRegistry.class);

  private final String baseFingerprint;
  private final AdapterLoader loader;
  private final VersionedPool<LoadedAdapter> pool;
  private final Object changes = new Object(); // one change at a time
  private final Map<String, Integer> lastVersions = new HashMap<>(); // guarded by changes

  /**
   * Creates a registry without adapters.
   *
   * @param baseFingerprint of the base
   * @param model the shape of the base
   * @param memoryBudget bytes of native memory; {@link Long#MAX_VALUE} for no eviction
   * @param loader copies an adapter into the engine's memory; called by the thread that acquires,
   *     possibly by several at once for different adapters
   */
  public AdapterRegistry(
      String baseFingerprint,
      ModelConfig model,
      long memoryBudget,
      Function<LoraAdapter, AppliedLora> loader) {
    if (memoryBudget < 0) {
      throw new IllegalArgumentException(
          "memoryBudget is " + memoryBudget + ", expected 0 or more bytes");
    }
    this.baseFingerprint = baseFingerprint;
    this.loader = new AdapterLoader(baseFingerprint, model, loader);
    this.pool =
        new VersionedPool<>(
            memoryBudget,
            loaded -> loaded.weights().sizeInBytes(),
            loaded -> loaded.weights().close());
  }

  /**
   * Adds a domain. An adapter that has to be read first is checked when it is acquired.
   *
   * @throws AdapterException if the name is not valid, the domain exists, or the adapter belongs to
   *     another base or does not fit it
   */
  public void add(String domain, AdapterSource source) {
    DomainNames.check(domain);
    loader.checkBase(domain, source);
    source.loaded().ifPresent(adapter -> loader.checkFits(domain, adapter));
    synchronized (changes) {
      if (pool.registration(domain).isPresent()) {
        throw new AdapterException(
            "There is an adapter for domain '" + domain + "' already. Replace or remove it.");
      }
      putNext(domain, source);
    }
  }

  /**
   * Replaces a domain's adapter for all requests that start from now on. The new adapter is loaded
   * first, so that one that cannot be used leaves the old one in place.
   *
   * @throws AdapterException if there is no such domain, or the adapter cannot be read or loaded,
   *     belongs to another base or does not fit it
   */
  public void replace(String domain, AdapterSource source) {
    requireKnown(domain);
    loader.checkBase(domain, source);
    LoadedAdapter loaded = loader.load(domain, source);
    synchronized (changes) {
      if (pool.registration(domain).isEmpty()) {
        loaded.weights().close();
        throw DomainNames.unknown(domain, pool.names());
      }
      int version = lastVersions.merge(domain, 1, Integer::sum);
      pool.put(domain, version, this, () -> loader.load(domain, source), loaded);
    }
  }

  /**
   * Removes a domain for all requests that start from now on.
   *
   * @throws AdapterException if there is no such domain
   */
  public void remove(String domain) {
    synchronized (changes) {
      requireKnown(domain);
      pool.remove(domain);
    }
  }

  /**
   * Takes over what changed in a mixture since the last time, by whatever process: new domains are
   * added, new versions replace old ones, removed domains are removed. Domains that were added or
   * replaced here otherwise stay as they are.
   *
   * <p>An adapter that cannot be used harms no other domain. Its domain keeps the version that it
   * had; if it had none, it is registered all the same, and {@link #acquire} throws the reason,
   * which is also logged as a warning.
   *
   * @return the state that the registry agrees with now
   * @throws MixtureException if the mixture belongs to another base or cannot be read
   * @throws AdapterException if a new version cannot be used, with the reasons of further ones as
   *     suppressed exceptions; all other domains are up to date
   */
  public MixtureState sync(MixtureDirectory mixture) {
    return mixture.read(state -> sync(mixture, state));
  }

  private MixtureState sync(MixtureDirectory mixture, MixtureState state) {
    state.checkBase(baseFingerprint);
    AdapterException failure = null;
    synchronized (changes) {
      for (String domain : pool.names()) {
        if (!state.domains().containsKey(domain) && isOwnedBy(mixture, domain)) {
          pool.remove(domain);
        }
      }
      for (String domain : state.domains().keySet()) {
        try {
          takeOver(mixture, state, domain);
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
    }
    if (failure != null) {
      throw failure;
    }
    return state;
  }

  private void takeOver(MixtureDirectory mixture, MixtureState state, String domain) {
    MixtureState.Domain entry = state.domain(domain);
    Optional<VersionedPool.Registration> old = pool.registration(domain);
    if (old.isPresent()
        && (!isOwnedBy(mixture, domain) || old.get().version() == entry.version())) {
      return;
    }
    AdapterSource source = AdapterSource.directory(state.adapterDirectory(domain));
    loader.checkBase(domain, source);
    if (!entry.verified()) {
      logger.info(
          "The adapter of domain '{}' says of no base that it is its own; pin it if you know.",
          domain);
    }
    Supplier<LoadedAdapter> load = () -> loader.load(domain, source);
    if (pool.isResident(domain)) {
      LoadedAdapter loaded = load.get();
      pool.put(domain, entry.version(), mixture, load, loaded);
    } else {
      if (old.isPresent()) {
        loader.checkFits(domain, AdapterLoader.read(domain, source));
      }
      pool.put(domain, entry.version(), mixture, load);
    }
    lastVersions.merge(domain, entry.version(), Math::max);
  }

  /** Lets a domain that has no version to keep answer every request with the reason. */
  private void refuse(
      MixtureDirectory mixture, MixtureState state, AdapterException reason, String domain) {
    if (pool.registration(domain).isEmpty()) {
      logger.warn(
          "Domain '{}' is refused until its adapter is replaced: {}", domain, reason.getMessage());
      int version = state.domain(domain).version();
      lastVersions.merge(domain, version, Math::max);
      pool.put(
          domain,
          version,
          mixture,
          () -> {
            throw new AdapterException(reason.getMessage(), reason);
          });
    }
  }

  private static AdapterException refusal(String domain, RuntimeException reason) {
    return reason instanceof AdapterException known
        ? known
        : new AdapterException(
            "Adapter for domain '" + domain + "': " + reason.getMessage(), reason);
  }

  /**
   * Acquires the adapter that a domain has now, loading it if necessary. Close the lease when the
   * request has ended. Acquiring and closing at once loads an adapter ahead of the first request.
   *
   * @throws AdapterException if there is no such domain, or its adapter cannot be read, belongs to
   *     another base or does not fit it
   */
  public AdapterLease acquire(String domain) {
    try {
      return new AdapterLease(pool.acquire(domain));
    } catch (MoaException e) {
      if (!isGone(domain)) {
        throw e;
      }
      // Another process replaced it and its files are gone: go on with the new version.
      pool.registration(domain).ifPresent(gone -> syncAsFarAsPossible(gone.owner()));
      return new AdapterLease(pool.acquire(domain));
    }
  }

  /** Another domain's damage is not the error of the request that made us look. */
  private void syncAsFarAsPossible(Object mixture) {
    try {
      sync((MixtureDirectory) mixture);
    } catch (AdapterException e) {
      logger.debug("Not all domains are up to date", e);
    }
  }

  /** Returns the names of the domains. */
  public Set<String> domains() {
    return pool.names();
  }

  /**
   * Returns the version that a request would acquire now: the mixture's number, or one more than
   * the last of that domain for an adapter that was added here.
   *
   * @throws AdapterException if there is no such domain
   */
  public int version(String domain) {
    return pool.registration(domain)
        .orElseThrow(() -> DomainNames.unknown(domain, pool.names()))
        .version();
  }

  /** Returns the bytes of native memory that all loaded adapters take now. */
  public long residentBytes() {
    return pool.residentBytes();
  }

  /** Returns how many leases are open, those of requests that wait for an adapter included. */
  public int openLeases() {
    return pool.leases().open();
  }

  /**
   * Waits until no lease is open. To be called between {@link #close} and the closing of the base,
   * whose memory the lent weights belong to.
   *
   * @return whether all leases ended in time; false also if the thread was interrupted, which it
   *     stays then
   */
  public boolean awaitLeases(Duration timeout) {
    try {
      return pool.leases().awaitNone(timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Frees all adapters that are not in use; the others are freed when their leases close, and stay
   * usable until then. Nothing can be acquired any more. Closing twice does nothing.
   */
  @Override
  public void close() {
    pool.close();
  }

  private void putNext(String domain, AdapterSource source) {
    int version = lastVersions.merge(domain, 1, Integer::sum);
    pool.put(domain, version, this, () -> loader.load(domain, source));
  }

  private boolean isOwnedBy(MixtureDirectory mixture, String domain) {
    return pool.registration(domain)
        .filter(
            found ->
                found.owner() instanceof MixtureDirectory owner
                    && owner.directory().equals(mixture.directory()))
        .isPresent();
  }

  /** Tells whether a domain of a mixture lost its files. */
  private boolean isGone(String domain) {
    return pool.registration(domain)
        .filter(
            found ->
                found.owner() instanceof MixtureDirectory owner
                    && !Files.isDirectory(owner.adapterDirectory(domain, found.version())))
        .isPresent();
  }

  private void requireKnown(String domain) {
    if (pool.registration(domain).isEmpty()) {
      throw DomainNames.unknown(domain, pool.names());
    }
  }
}
