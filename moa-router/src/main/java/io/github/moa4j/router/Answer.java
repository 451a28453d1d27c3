package io.github.moa4j.router;

import io.github.moa4j.core.generation.GenerationResult;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of a mixture.
 *
 * @param generation text, tokens, stop reason and timings
 * @param decision which domain answered, and how sure the router was
 * @param adapters the adapters that answered, domain to share: one of 1, several where adapters are
 *     mixed, each domain's share of the layers in per-layer routing; none where the base answered
 *     alone
 * @param routing time that the decision took: the router's pass, what the router said to it, and
 *     fetching the adapters; also in the timings of {@code generation}
 */
public record Answer(
    GenerationResult generation,
    RoutingDecision decision,
    Map<String, Double> adapters,
    Duration routing) {

  /** Copies the shares. */
  public Answer {
    adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
  }

  /** Returns the text of the answer. */
  public String text() {
    return generation.text();
  }
}
