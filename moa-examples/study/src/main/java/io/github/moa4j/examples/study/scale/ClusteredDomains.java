package io.github.moa4j.examples.study.scale;

import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.training.robustness.PromptForm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Clusters of real domains' prompts, each a domain of its own; every fourth prompt of one is left
 * for testing.
 *
 * @param clusters the prompts of each
 */
public record ClusteredDomains(List<List<PromptStates>> clusters) implements ManyRouted.Prompts {

  private static final int TEST_EVERY = 4;

  /**
   * Makes about so many domains, fewer where there are too few prompts.
   *
   * @param prompts at most, of each of the domains
   */
  public static ClusteredDomains of(
      Map<String, List<PromptStates>> domains, int wanted, int prompts) {
    SplittableRandom random = new SplittableRandom(1);
    List<List<PromptStates>> clusters = new ArrayList<>();
    for (List<PromptStates> own : domains.values()) {
      int middle = own.get(0).numStates() / 2;
      int count = Math.min(wanted / domains.size() + 1, prompts / 8 + 1);
      clusters.addAll(Clusters.of(own, middle, count, random));
    }
    return new ClusteredDomains(clusters);
  }

  /** Returns each domain's prompts in all forms. */
  public static Map<String, List<PromptStates>> joined(
      Map<PromptForm, Map<String, List<PromptStates>>> forms) {
    Map<String, List<PromptStates>> joined = new LinkedHashMap<>();
    for (String domain : forms.values().iterator().next().keySet()) {
      joined.put(
          domain,
          forms.values().stream()
              .map(form -> form.get(domain))
              .flatMap(Collection::stream)
              .toList());
    }
    return joined;
  }

  /** Returns the number of domains. */
  public int count() {
    return clusters.size();
  }

  /** Returns the states that a router reads: all. */
  public List<Integer> states() {
    return IntStream.range(0, clusters.get(0).get(0).numStates()).boxed().toList();
  }

  @Override
  public List<PromptStates> of(int domain, boolean test) {
    List<PromptStates> all = clusters.get(domain);
    return IntStream.range(0, all.size())
        .filter(i -> (i % TEST_EVERY == TEST_EVERY - 1) == test)
        .mapToObj(all::get)
        .toList();
  }
}
