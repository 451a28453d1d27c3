package io.github.moa4j.router;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The domains of a router, in the order of its scores. A router makes one and names all its
 * probabilities by it, so that a decision over thousands of domains costs an array and not a map.
 * Immutable.
 */
public final class RouterDomains {

  /**
   * What stands among a router's domains for a prompt of none of them. No domain can have this
   * name. Its probability takes part in the sum; it is never chosen, and never the most probable
   * domain of a decision. A classifier may have several rows for it, one a kind of such text, those
   * but the first behind the rows of all domains; their probabilities are summed.
   */
  public static final String NONE_OF_THESE = "(none of these)";

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

  /** Returns the places of the domains that are in a set, and that of {@link #NONE_OF_THESE}. */
  public int[] places(Set<String> wanted) {
    return IntStream.range(0, names.size())
        .filter(i -> wanted.contains(names.get(i)) || names.get(i).equals(NONE_OF_THESE))
        .toArray();
  }

  /** Returns the domains at these places. */
  public RouterDomains at(int[] places) {
    return of(Arrays.stream(places).mapToObj(names::get).toList());
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
