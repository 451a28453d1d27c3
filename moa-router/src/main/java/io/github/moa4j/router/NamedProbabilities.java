package io.github.moa4j.router;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Probabilities of domains: an array that reads as a map in the order of the domains. Immutable.
 */
final class NamedProbabilities extends AbstractMap<String, Double> {

  private static final double SUM_TOLERANCE = 1e-6;

  private final RouterDomains domains;
  private final double[] values;

  /** Takes the array over after checking that it is a distribution. */
  NamedProbabilities(RouterDomains domains, double[] values) {
    if (values.length != domains.names().size()) {
      throw new IllegalArgumentException(
          values.length + " probabilities for " + domains.names().size() + " domains");
    }
    this.domains = domains;
    this.values = values;
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= 0 && values[i] <= 1 + SUM_TOLERANCE)) {
        throw new IllegalArgumentException(
            "The probability of domain '" + domains.names().get(i) + "' is " + values[i]);
      }
      sum += values[i];
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new IllegalArgumentException("Probabilities over domains sum to " + sum + ", not to 1");
    }
  }

  /** Returns a map as one of these, itself if it is one. */
  static NamedProbabilities of(Map<String, Double> map) {
    if (map instanceof NamedProbabilities named) {
      return named;
    }
    List<String> names = new ArrayList<>();
    double[] values = new double[map.size()];
    for (Map.Entry<String, Double> entry : map.entrySet()) {
      values[names.size()] = entry.getValue();
      names.add(entry.getKey());
    }
    return new NamedProbabilities(RouterDomains.of(names), values);
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public boolean containsKey(Object name) {
    return name instanceof String text && domains.indexOf(text) >= 0;
  }

  @Override
  public Double get(Object name) {
    int index = name instanceof String text ? domains.indexOf(text) : -1;
    return index < 0 ? null : Double.valueOf(values[index]);
  }

  /**
   * Returns the domain of the highest probability, the first of equals; {@link
   * RouterDomains#NONE_OF_THESE} if there is no domain.
   */
  String mostProbable() {
    return mostProbableFirst().findFirst().orElse(RouterDomains.NONE_OF_THESE);
  }

  /** Returns the highest probability of a domain; 0 if there is none. */
  double highest() {
    int best = below(-1);
    return best < 0 ? 0 : values[best];
  }

  /** Returns the probability that the prompt is of no domain; 0 where the router cannot tell. */
  double noneOfThese() {
    int none = domains.indexOf(RouterDomains.NONE_OF_THESE);
    return none < 0 ? 0 : values[none];
  }

  /** The domains from the most probable on, each looked for when it is asked for. */
  Stream<String> mostProbableFirst() {
    return IntStream.iterate(below(-1), index -> index >= 0, this::below)
        .mapToObj(domains.names()::get);
  }

  /** The place of the next lower probability, or equal one behind; of the highest behind -1. */
  private int below(int last) {
    int best = -1;
    int none = domains.indexOf(RouterDomains.NONE_OF_THESE);
    for (int i = 0; i < values.length; i++) {
      boolean comes =
          last < 0 || values[i] < values[last] || (values[i] == values[last] && i > last);
      if (i != none && comes && (best < 0 || values[i] > values[best])) {
        best = i;
      }
    }
    return best;
  }

  @Override
  public Set<Map.Entry<String, Double>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return values.length;
      }

      @Override
      public Iterator<Map.Entry<String, Double>> iterator() {
        return new Entries();
      }
    };
  }

  private final class Entries implements Iterator<Map.Entry<String, Double>> {

    private int next;

    @Override
    public boolean hasNext() {
      return next < values.length;
    }

    @Override
    public Map.Entry<String, Double> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int index = next++;
      return Map.entry(domains.names().get(index), values[index]);
    }
  }
}
