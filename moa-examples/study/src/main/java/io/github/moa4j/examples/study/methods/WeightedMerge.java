package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.AppliedLora;
import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.core.model.AdapterChoice;
import io.github.moa4j.examples.study.workbench.Workbench;
import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.evaluation.AnswerLoss;
import io.github.moa4j.training.merging.AdapterMerging;
import io.github.moa4j.training.merging.MergeMethod;
import java.util.Collections;
import java.util.List;

/**
 * Adapters merged into one, all with the same weight.
 *
 * @param weight the one with the lowest loss on a few selection examples a domain
 */
record WeightedMerge(double weight, LoraAdapter adapter) {

  private static final List<Double> WEIGHTS = List.of(0.1, 0.2, 0.4);
  private static final int EXAMPLES = 16;

  static WeightedMerge choose(Workbench bench, List<LoraAdapter> adapters, MergeMethod method) {
    List<EncodedExample> examples =
        bench.domains().stream()
            .flatMap(domain -> Workbench.first(bench.selection(domain), EXAMPLES).stream())
            .toList();
    double best = Double.NaN;
    double lowest = Double.POSITIVE_INFINITY;
    for (double weight : WEIGHTS) {
      try (AppliedLora weights = bench.model().load(merge(adapters, weight, method))) {
        double loss = AnswerLoss.mean(bench.model(), examples, AdapterChoice.of(weights), EXAMPLES);
        if (loss < lowest) {
          lowest = loss;
          best = weight;
        }
      }
    }
    return new WeightedMerge(best, merge(adapters, best, method));
  }

  private static LoraAdapter merge(List<LoraAdapter> adapters, double weight, MergeMethod method) {
    return AdapterMerging.merge(adapters, Collections.nCopies(adapters.size(), weight), method);
  }
}
