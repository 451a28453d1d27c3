package io.github.moa4j.examples.study.utility;

import io.github.moa4j.core.model.Pooling;
import io.github.moa4j.core.model.PromptStates;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The ways to choose an adapter that are compared: each says which one answers an example. */
final class UtilityRouters {

  /** An example, what it costs, and what the base sees of its prompt. */
  record Asked(CrossLoss loss, PromptStates prompt) {}

  private static final double THRESHOLD = 0.8;
  private static final int FEWEST = 8; // examples of an adapter that a router learns

  private UtilityRouters() {}

  /**
   * Makes all ways.
   *
   * @param learnt examples of known domains
   * @param adapters of these domains
   */
  static Map<String, Function<Asked, String>> of(List<Asked> learnt, List<String> adapters) {
    List<String> all = new ArrayList<>(adapters);
    all.add(CrossLoss.BASE);
    RidgeRouter labels = ridge(learnt, asked -> asked.loss().domain());
    RidgeRouter cheapest = ridge(learnt, asked -> asked.loss().cheapest(all));
    GainRegression gains =
        new GainRegression(
            learnt.stream().map(Asked::prompt).toList(),
            learnt.stream().map(asked -> gains(asked.loss(), all)).toArray(double[][]::new));
    Map<String, Function<Asked, String>> ways = new LinkedHashMap<>();
    ways.put("the base alone", asked -> CrossLoss.BASE);
    ways.put("the lowest loss, known only afterwards", asked -> asked.loss().cheapest(all));
    ways.put("labels, always an adapter", asked -> labels.route(asked.prompt()).mostProbable());
    ways.put(
        "labels, below " + THRESHOLD + " the base",
        asked -> labels.route(asked.prompt()).decide(THRESHOLD).chosen().orElse(CrossLoss.BASE));
    ways.put(
        "which one had the lowest loss", asked -> cheapest.route(asked.prompt()).mostProbable());
    ways.put("what each one gains", asked -> all.get(lowest(gains.of(asked.prompt()))));
    return ways;
  }

  private static RidgeRouter ridge(List<Asked> learnt, Function<Asked, String> label) {
    Map<String, List<PromptStates>> prompts = new LinkedHashMap<>();
    for (Asked asked : learnt) {
      prompts.computeIfAbsent(label.apply(asked), name -> new ArrayList<>()).add(asked.prompt());
    }
    List<DomainStatistics> statistics = new ArrayList<>();
    prompts.forEach(
        (name, own) -> {
          if (own.size() >= FEWEST) {
            List<Integer> states = IntStream.range(0, own.get(0).numStates()).boxed().toList();
            DomainStatistics moments =
                DomainStatistics.empty(
                    name, Pooling.MEAN_AND_LAST, states, own.get(0).hiddenSize());
            moments.add(own);
            statistics.add(moments);
          }
        });
    return RidgeRouter.fit(statistics, RidgeSettings.defaults());
  }

  /** By how much a token costs more under each than under the base. */
  private static double[] gains(CrossLoss loss, List<String> all) {
    double base = loss.sums().get(CrossLoss.BASE);
    return all.stream()
        .mapToDouble(adapter -> (loss.sums().get(adapter) - base) / loss.tokens())
        .toArray();
  }

  private static int lowest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] < values[best] ? i : best;
    }
    return best;
  }
}
