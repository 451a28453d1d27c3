package io.github.moa4j.router;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.registry.AdapterLease;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * A decision and the adapter versions that it holds on to.
 *
 * @param leases the adapters that answer; none where the base answers alone
 * @param shares as in {@link AdapterChoice}
 */
record HeldAdapters(
    RoutingDecision decision, List<AdapterLease> leases, List<Float> shares, Duration duration)
    implements AutoCloseable {

  /**
   * These adapters over a prompt: whole, or from their invocation tokens on. As in PEFT the base
   * answers alone where those do not occur.
   *
   * @throws RouterException if adapters with different invocation tokens are to be mixed
   */
  AdapterChoice choice(int[] prompt) {
    if (leases.isEmpty()) {
      return AdapterChoice.base();
    }
    List<OptionalInt> positions =
        leases.stream().map(lease -> lease.config().activationPosition(prompt)).distinct().toList();
    if (positions.size() > 1) {
      throw new RouterException(
          "The adapters of "
              + decision.probabilities().keySet()
              + " start at different tokens of the prompt and cannot be mixed. Route by sequence to"
              + " one of them.");
    }
    List<AppliedLora> adapters = leases.stream().map(AdapterLease::weights).toList();
    return positions.get(0).isEmpty()
        ? AdapterChoice.base()
        : new AdapterChoice(adapters, shares, positions.get(0).getAsInt());
  }

  @Override
  public void close() {
    leases.forEach(AdapterLease::close);
  }
}
