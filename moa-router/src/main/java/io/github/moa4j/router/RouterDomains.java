package io.github.moa4j.router;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The domains of a router, in the order of its scores. A router makes one and names all its
 * probabilities by it, so that a decision over thousands of domains costs an array and not a map.
 * Immutable.
 */
public final class RouterDomains {

  private final List<String> names;
  private final Map<String, Integer> positions = new HashMap<>();

  private RouterDomains(List<String> names) {
    this.names = List.copyOf(names);
    for (int i = 0; i < this.names.size(); i++) {
      if (positions.put(this.names.get(i), i) != null) {
        throw new IllegalArgumentException(
            "The domain '" + this.names.get(i) + "' occurs twice in a router.");
      }
    }
  }

  /**
   * Fixes the order of domains.
   *
   * @throws IllegalArgumentException if one occurs twice
   */
  public static RouterDomains of(List<String> names) {
    return new RouterDomains(names);
  }

  /** Returns the names in their order. */
  public List<String> names() {
    return names;
  }

  /** Returns the place of a domain, from 0; -1 if it is not one of these. */
  public int indexOf(String name) {
    return positions.getOrDefault(name, -1);
  }

  /**
   * Names probabilities.
   *
   * @param probabilities one a domain, in order; copied
   * @return domain to probability, unmodifiable, in this order
   * @throws IllegalArgumentException if they are no probabilities that sum to 1
   */
  public Map<String, Double> named(double[] probabilities) {
    return new NamedProbabilities(this, probabilities.clone());
  }
}
