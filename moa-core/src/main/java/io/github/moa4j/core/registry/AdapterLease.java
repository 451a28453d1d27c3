package io.github.moa4j.core.registry;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraConfig;

/**
 * A request's right to use one version of an adapter: while it is open, the version's native memory
 * stays, whatever is added, replaced, removed or evicted meanwhile. Thread-safe.
 */
public final class AdapterLease implements AutoCloseable {

  private final PoolLease<LoadedAdapter> lease;

  AdapterLease(PoolLease<LoadedAdapter> lease) {
    this.lease = lease;
  }

  /** Returns the name of the domain. */
  public String domain() {
    return KeptAdapters.domainOf(lease.name());
  }

  /** Returns the version of the domain's adapter that this lease holds. */
  public int version() {
    return lease.version();
  }

  /**
   * Returns the configuration of the adapter, such as the tokens that invoke it.
   *
   * @throws IllegalStateException if the lease was closed
   */
  public LoraConfig config() {
    return lease.resource().config();
  }

  /**
   * Returns the weights, which stay owned by the registry: do not close them.
   *
   * @throws IllegalStateException if the lease was closed
   */
  public AppliedLora weights() {
    return lease.resource().weights();
  }

  /** Ends the lease. The last one of a replaced or removed version frees its memory. */
  @Override
  public void close() {
    lease.close();
  }
}
