package io.github.moa4j.router;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Gaussian prompts of made-up domains. A domain's centre in each state depends on its name only;
 * features are correlated, one is large and nearly constant (as models have), and in the last-token
 * pooling the first state is one constant vector for all prompts.
 */
public final class SyntheticDomains {

  public static final int NUM_STATES = 3;
  public static final int HIDDEN_SIZE = 12;
  public static final List<Integer> ALL_STATES = List.of(0, 1, 2);
  public static final String BASE = "base-fingerprint-1";

  private SyntheticDomains() {}

  public static List<PromptStates> prompts(String domain, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 7919 + domain.hashCode());
    List<PromptStates> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[][] mean = new float[NUM_STATES][];
      float[][] last = new float[NUM_STATES][];
      for (int state = 0; state < NUM_STATES; state++) {
        mean[state] = features(domain, state, random);
        last[state] = state == 0 ? constant() : features(domain, state, random);
      }
      prompts.add(new PromptStates(mean, last));
    }
    return prompts;
  }

  /** The same prompts with tokens: two in three of the domain's own, the others of any. */
  public static List<PromptStates> withTokens(String domain, List<PromptStates> prompts) {
    SplittableRandom random = new SplittableRandom(prompts.size() * 31L + domain.hashCode());
    int first = 100 * Math.floorMod(domain.hashCode(), 97);
    return prompts.stream()
        .map(
            prompt ->
                new PromptStates(
                    prompt.mean(),
                    prompt.last(),
                    random
                        .ints(12, 0, 20)
                        .map(token -> token % 3 == 0 ? 20_000 + token : first + token)
                        .toArray()))
        .toList();
  }

  private static float[] features(String domain, int state, SplittableRandom random) {
    SplittableRandom centre = new SplittableRandom(domain.hashCode() * 31L + state);
    double shared = random.nextGaussian();
    float[] features = new float[HIDDEN_SIZE];
    for (int j = 0; j < HIDDEN_SIZE; j++) {
      double value = 2 * centre.nextGaussian() + 0.6 * random.nextGaussian() + 0.8 * shared;
      features[j] = (float) value;
    }
    features[3] = 900 + 0.1f * features[3];
    return features;
  }

  private static float[] constant() {
    float[] constant = new float[HIDDEN_SIZE];
    for (int j = 0; j < HIDDEN_SIZE; j++) {
      constant[j] = j - 2.5f;
    }
    return constant;
  }

  public static DomainStatistics statistics(String domain, int count) {
    DomainStatistics statistics =
        DomainStatistics.empty(domain, Pooling.MEAN, ALL_STATES, HIDDEN_SIZE);
    statistics.add(prompts(domain, count, 1));
    return statistics;
  }

  public static List<DomainStatistics> statistics(List<String> domains, int count) {
    return domains.stream().map(domain -> statistics(domain, count)).toList();
  }

  public static Map<String, List<PromptStates>> unseen(List<String> domains, int count) {
    Map<String, List<PromptStates>> unseen = new LinkedHashMap<>();
    domains.forEach(domain -> unseen.put(domain, prompts(domain, count, 2)));
    return unseen;
  }

  public static double accuracy(Router router, Map<String, List<PromptStates>> labelled) {
    int right = 0;
    int all = 0;
    for (Map.Entry<String, List<PromptStates>> domain : labelled.entrySet()) {
      for (PromptStates prompt : domain.getValue()) {
        right += router.route(prompt).mostProbable().equals(domain.getKey()) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }
}
