package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.generation.GenerationResult;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.core.registry.AdapterLease;
import io.github.moa4j.core.tool.ToolAnswer;
import io.github.moa4j.router.Answer;
import io.github.moa4j.router.RoutingDecision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A decision and the adapter versions that answer, held until the answer has ended.
 *
 * @param leases of the adapters of the choice, in its order; none where the base answers alone
 * @param choice how they act on the prompt and on what follows
 */
public record HeldAdapters(
    RoutingDecision decision, List<AdapterLease> leases, AdapterChoice choice)
    implements AutoCloseable {

  static HeldAdapters none(RoutingDecision decision) {
    return new HeldAdapters(decision, List.of(), AdapterChoice.base());
  }

  /** Returns the share of each domain's adapter; of shares by layer, the mean over the layers. */
  public Map<String, Double> shares() {
    Map<String, Double> shares = new LinkedHashMap<>();
    int layers = leases.isEmpty() ? 1 : choice.shares().size() / leases.size();
    for (int i = 0; i < leases.size(); i++) {
      List<Float> own = choice.shares().subList(i * layers, (i + 1) * layers);
      shares.put(leases.get(i).domain(), own.stream().mapToDouble(s -> s).sum() / layers);
    }
    return Collections.unmodifiableMap(shares);
  }

  /** Returns the version of each domain's adapter. */
  public Map<String, Integer> versions() {
    return leases.stream()
        .collect(Collectors.toUnmodifiableMap(AdapterLease::domain, AdapterLease::version));
  }

  /** Returns the answer that these adapters gave. */
  public Answer answer(GenerationResult generation, ToolAnswer told) {
    return new Answer(
        generation,
        told.text(),
        told.calls(),
        decision,
        shares(),
        versions(),
        generation.timings().routing());
  }

  @Override
  public void close() {
    leases.forEach(AdapterLease::close);
  }
}
