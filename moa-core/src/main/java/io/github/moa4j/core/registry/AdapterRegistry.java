package io.github.moa4j.core.registry;

import io.github.moa4j.core.MoaException;
import io.github.moa4j.core.config.ModelConfig;
import io.github.moa4j.core.lora.AdapterException;
import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.store.DomainNames;
import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureException;
import io.github.moa4j.core.store.MixtureState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The adapters of one base that running requests use, by domain.
 *
 * <p>An adapter is loaded into the engine's memory when it is first acquired, or ahead of that
 * ({@link #prefetch}). Before it is loaded, room is made for it: adapters that nobody uses are
 * evicted, least recently used first, until all together fit the memory budget; they are loaded
 * again when needed. What is in use or pinned is never evicted, so only requests that run at the
 * same time can exceed the budget, by what they use.
 *
 * <p>Nothing here takes longer for the number of domains, but what lists them all and {@link
 * #sync}, which looks at no file of a domain that stayed as it was.
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
  private final Prefetching prefetching;
  private final MixtureSync mixtures; // guarded by changes
  private final KeptAdapters kept; // guarded by changes
  private final Object changes = new Object(); // one change at a time
  private final Map<String, Integer> lastVersions = new HashMap<>(); // guarded by changes

  /**
   * Creates a registry without adapters.
   *
   * @param baseFingerprint of the base
   * @param model the shape of the base
   * @param memoryBudget bytes of native memory; {@link Long#MAX_VALUE} for no eviction
   * @param size the bytes of native memory that an adapter takes at most, told before it is loaded
   * @param loader brings an adapter into the engine's memory; called by the thread that acquires,
   *     possibly by several at once for different adapters
   */
  public AdapterRegistry(
      String baseFingerprint,
      ModelConfig model,
      long memoryBudget,
      ToLongFunction<LoraAdapter> size,
      Function<LoraAdapter, AppliedLora> loader) {
    if (memoryBudget < 0) {
      throw new IllegalArgumentException(
          "memoryBudget is " + memoryBudget + ", expected 0 or more bytes");
    }
    this.baseFingerprint = baseFingerprint;
    this.loader = new AdapterLoader(baseFingerprint, model, size, loader);
    this.pool =
        new VersionedPool<>(
            memoryBudget,
            loaded -> loaded.weights().sizeInBytes(),
            loaded -> loaded.weights().close());
    this.prefetching = new Prefetching(pool);
    this.kept = new KeptAdapters(pool, this.loader);
    this.mixtures = new MixtureSync(pool, this.loader, lastVersions);
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
      if (pool.contains(domain)) {
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
    Slot<LoadedAdapter> loaded = pool.prepare(domain, () -> loader.open(domain, source));
    synchronized (changes) {
      if (!pool.contains(domain)) {
        pool.discard(loaded);
        throw DomainNames.unknown(domain, pool.names());
      }
      pool.put(lastVersions.merge(domain, 1, Integer::sum), this, loaded);
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
   * which is also logged as a warning. Where more than 100 domains are new, as when a large mixture
   * is opened, no file of them is looked at yet, and what is wrong is told by {@link #acquire}
   * alone.
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
    synchronized (changes) {
      try {
        mixtures.sync(mixture, state);
      } finally {
        kept.sync(mixture);
      }
    }
    return state;
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

  /**
   * Acquires a version of a domain's adapter that its mixture keeps, whether it is the active one
   * or not. It takes part in the memory budget as every adapter does.
   *
   * @throws AdapterException if there is no such domain, the version is not kept, or it cannot be
   *     read, belongs to another base or does not fit it
   */
  public AdapterLease acquire(String domain, int version) {
    String name = domain;
    if (version(domain) != version) {
      synchronized (changes) {
        Object owner =
            pool.registration(domain)
                .orElseThrow(() -> DomainNames.unknown(domain, domains()))
                .owner();
        name = kept.register(domain, version, owner);
      }
    }
    AdapterLease lease = new AdapterLease(pool.acquire(name));
    if (lease.version() == version) {
      return lease;
    }
    lease.close(); // another one was activated in between
    return acquire(domain, version);
  }

  /** Another domain's damage is not the error of the request that made us look. */
  private void syncAsFarAsPossible(Object mixture) {
    try {
      sync((MixtureDirectory) mixture);
    } catch (AdapterException e) {
      logger.debug("Not all domains are up to date", e);
    }
  }

  /**
   * Loads adapters ahead of the requests that will want them, in the background and in the order
   * given. They take the place of what was not used since this was asked, never of one another: of
   * more than the memory budget has room for, the first are loaded. A domain that is unknown or
   * cannot be loaded is passed over; {@link #acquire} tells why.
   */
  public void prefetch(Iterable<String> domains) {
    prefetching.prefetch(domains);
  }

  /**
   * Keeps a domain's adapter loaded, and every later version of it, until {@link #unpin}. Loads it
   * if need be.
   *
   * @throws AdapterException if there is no such domain, or its adapter cannot be loaded
   * @throws MoaException if the memory budget has no room for all that is pinned
   */
  public void pin(String domain) {
    acquire(domain).close(); // which takes over a newer version if the files of this one are gone
    pool.pin(domain);
  }

  /**
   * Lets a domain's adapter be evicted again.
   *
   * @throws AdapterException if there is no such domain
   */
  public void unpin(String domain) {
    requireKnown(domain);
    pool.unpin(domain);
  }

  /** Tells whether there is a domain of that name. */
  public boolean contains(String domain) {
    return pool.contains(domain);
  }

  /** Returns the names of the domains, a copy. */
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

  /** Returns the names of the domains whose adapters are in memory now. */
  public Set<String> residentDomains() {
    return domains().stream().filter(pool::isResident).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Returns the bytes of native memory that all loaded adapters take now, those included that are
   * just being loaded.
   */
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
    prefetching.close();
    pool.close();
  }

  private void putNext(String domain, AdapterSource source) {
    int version = lastVersions.merge(domain, 1, Integer::sum);
    pool.put(domain, version, this, () -> loader.open(domain, source));
  }

  /** Tells whether a domain of a mixture lost its files. */
  private boolean isGone(String domain) {
    return pool.registration(domain)
        .filter(
            found ->
                found.owner() instanceof MixtureDirectory owner
                    && !owner.hasAdapter(domain, found.version()))
        .isPresent();
  }

  private void requireKnown(String domain) {
    if (!pool.contains(domain)) {
      throw DomainNames.unknown(domain, pool.names());
    }
  }
}
