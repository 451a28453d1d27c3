package io.github.moa4j.training.lora;

import io.github.moa4j.training.data.EncodedExample;
import io.github.moa4j.training.data.LengthBucketedBatches;
import io.github.moa4j.training.data.StratifiedSteps;
import java.util.ArrayList;
import java.util.List;

/** Which examples each optimiser step of an epoch learns from, in batches of similar length. */
@FunctionalInterface
interface EpochSteps {

  /** Returns steps of batches of examples, as many of them in every epoch. */
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
}
