package io.github.moa4j.examples.study.methods;

import io.github.moa4j.core.lora.LoraAdapter;
import io.github.moa4j.training.gradient.ExpertBank;
import java.util.List;
import java.util.Optional;

/**
 * What training left behind: one adapter, or one for each domain, or experts with a gating. Owns
 * the native memory of the latter.
 */
public record TrainedMethod(TrainingLog log, List<LoraAdapter> adapters, Optional<ExpertBank> bank)
    implements AutoCloseable {

  static TrainedMethod of(TrainingLog log, List<LoraAdapter> adapters) {
    return new TrainedMethod(log, adapters, Optional.empty());
  }

  static TrainedMethod of(TrainingLog log, ExpertBank bank) {
    return new TrainedMethod(log, List.of(), Optional.of(bank));
  }

  @Override
  public void close() {
    bank.ifPresent(ExpertBank::close);
  }
}
