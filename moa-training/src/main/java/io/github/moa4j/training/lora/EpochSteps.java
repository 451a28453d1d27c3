package io.github.moa4j.training.lora;

import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.LengthBucketedBatches;
import io.github.moa4j.training.data.StratifiedSteps;
import io.github.moa4j.training.privacy.PrivacyOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which examples each optimiser step of an epoch learns from, in batches of similar length. */
@FunctionalInterface
interface EpochSteps {

  /**
   * Returns steps of batches of examples, as many of them in every epoch; a step of {@link #drawn}
   * may be empty.
   */
  List<List<List<EncodedExample>>> of(int epoch);

  /** Batches of examples of similar length, in random order. */
  static EpochSteps byLength(List<EncodedExample> examples, TrainingOptions options) {
    return epoch -> {
      List<List<EncodedExample>> batches =
          LengthBucketedBatches.of(examples, options.batchSize(), options.seed(), epoch);
      List<List<List<EncodedExample>>> steps = new ArrayList<>();
      for (int from = 0; from < batches.size(); from += options.accumulationSteps()) {
        steps.add(
            batches.subList(from, Math.min(batches.size(), from + options.accumulationSteps())));
      }
      return steps;
    };
  }

  /** Steps that hold the same share of every domain. */
  static EpochSteps stratified(List<List<EncodedExample>> domains, TrainingOptions options) {
    return epoch ->
        StratifiedSteps.of(
            domains, options.batchSize(), options.accumulationSteps(), options.seed(), epoch);
  }

  /**
   * Steps into which each example is drawn with the same probability, whatever the others do
   * (Poisson sampling), and anew whenever an epoch is asked for: what is not foreseen cannot be
   * repeated. Within a step batches are of similar length.
   */
  static EpochSteps drawn(
      List<EncodedExample> examples, TrainingOptions options, PrivateLearning privacy) {
    int batchSize = options.batchSize();
    int steps = PrivacyOptions.stepsPerEpoch(examples.size(), privacy.expectedBatch());
    double rate = privacy.guarantee().samplingRate();
    List<EncodedExample> byLength =
        examples.stream().sorted(Comparator.comparingInt(e -> e.tokens().length)).toList();
    return epoch -> {
      List<List<List<EncodedExample>>> all = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        double[] chance = privacy.random().uniform(byLength.size());
        List<EncodedExample> drawn = new ArrayList<>();
        for (int i = 0; i < chance.length; i++) {
          if (chance[i] < rate) {
            drawn.add(byLength.get(i));
          }
        }
        List<List<EncodedExample>> batches = new ArrayList<>();
        for (int from = 0; from < drawn.size(); from += batchSize) {
          batches.add(drawn.subList(from, Math.min(drawn.size(), from + batchSize)));
        }
        all.add(batches);
      }
      return all;
    };
  }
}
